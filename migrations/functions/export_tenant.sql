-- Returns everything that the registry holds of a tenant as one document, also of a deleted tenant. Returns null for an
-- unknown tenant and for a tombstone. The function reads one snapshot, because it is stable. Without `p_with_audit`,
-- the list `audit` is missing, because the caller reads the audit entries page by page: a tenant can have so many of
-- them that one statement would take too long. Servers of an earlier version do not pass it.
--
-- A table whose rows are deleted with their tenant is a list under the name of the table, so that a new table is
-- exported without a change here. Rows have the names of their columns. Columns of the type bytea are left out, because
-- they contain hashes, fingerprints and ciphertexts; of accounts, only the ID, the name and the address are included.
CREATE OR REPLACE FUNCTION export_tenant(p_tenant_id uuid, p_with_audit boolean DEFAULT true) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_document jsonb;
    v_table record;
    v_rows jsonb;
BEGIN
    SELECT jsonb_build_object(
        'exported_at', rfc3339(clock_timestamp()),
        'tenant', to_jsonb(t) || jsonb_build_object(
            'created_by_name', (SELECT e.name FROM employees e WHERE e.id = t.created_by)),
        'owner', (SELECT jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email, 'created_at', u.created_at)
                  FROM users u WHERE u.id = t.owner_id),
        'members', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'id', u.id, 'name', u.name, 'email', u.email, 'role', m.role, 'created_at', m.created_at)
                        ORDER BY m.created_at, u.id), '[]')
                    FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = t.id),
        'request', (SELECT to_jsonb(r) - 'fingerprint'::text || jsonb_build_object(
                        'employee_name', e.name,
                        'attempts', (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.number), '[]')
                                     FROM provisioning_attempts a WHERE a.request_id = r.id))
                    FROM provisioning_requests r JOIN employees e ON e.id = r.employee_id WHERE r.id = t.request_id),
        'jobs', (SELECT coalesce(jsonb_agg(to_jsonb(j) || jsonb_build_object(
                     'steps', (SELECT coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object(
                                   'attempts', (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.number), '[]')
                                                FROM step_attempts a
                                                WHERE a.job_id = s.job_id AND a.position = s.position))
                                   ORDER BY s.position), '[]')
                               FROM job_steps s WHERE s.job_id = j.id))
                     ORDER BY j.created_at, j.id), '[]')
                 FROM jobs j WHERE j.tenant_id = t.id))
    INTO v_document FROM tenants t WHERE t.id = p_tenant_id AND t.purged_at IS NULL;
    IF v_document IS NULL THEN
        RETURN NULL;
    END IF;
    IF p_with_audit THEN
        SELECT v_document || jsonb_build_object('audit', coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.id), '[]'))
        INTO v_document FROM tenants t, tenant_audit_entries(t.id, t.request_id, 0, NULL) a WHERE t.id = p_tenant_id;
    END IF;
    FOR v_table IN
        SELECT c.relname AS name, ARRAY(
            SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped) AS hidden
        FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
        WHERE f.contype = 'f' AND f.confrelid = 'tenants'::regclass AND f.confdeltype = 'c'
            AND c.relname <> 'memberships'
        ORDER BY c.relname
    LOOP
        EXECUTE format(
            'SELECT coalesce(jsonb_agg(entry ORDER BY entry::text), ''[]'')
             FROM (SELECT to_jsonb(t) - $2 AS entry FROM %I t WHERE t.tenant_id = $1) entries', v_table.name)
        INTO v_rows USING p_tenant_id, v_table.hidden;
        v_document := v_document || jsonb_build_object(v_table.name, v_rows);
    END LOOP;
    RETURN v_document;
END $$;
