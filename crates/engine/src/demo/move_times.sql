-- Moves the times of the demo data into the past, in one transaction. Times before the first event, and those in
-- the future, such as the end of a trial, stay as they are. The months of usage reports stay, too.
CREATE TEMP TABLE demo_requests ON COMMIT DROP AS
    SELECT id, tenant_id FROM provisioning_requests WHERE employee_id IN (SELECT id FROM pg_temp.demo_employees);
CREATE TEMP TABLE demo_tenants ON COMMIT DROP AS
    SELECT id FROM tenants WHERE request_id IN (SELECT id FROM pg_temp.demo_requests);
CREATE TEMP TABLE demo_jobs ON COMMIT DROP AS
    SELECT id FROM jobs WHERE request_id IN (SELECT id FROM pg_temp.demo_requests)
        OR tenant_id IN (SELECT id FROM pg_temp.demo_tenants)
        OR id IN (SELECT job_id FROM outbox_messages WHERE tenant_id IN (SELECT id FROM pg_temp.demo_tenants));

CREATE FUNCTION pg_temp.demo_time(p_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    -- The transaction began before the first event.
    SELECT CASE WHEN p_at > clock_timestamp() THEN p_at ELSE coalesce((
        SELECT c.shown_at + (p_at - c.real_at) * 40 FROM pg_temp.demo_clock c
        WHERE c.real_at <= p_at ORDER BY c.real_at DESC LIMIT 1), p_at) END
$$;

DO $$
DECLARE
    v_by_tenant text := 'tenant_id IN (SELECT id FROM pg_temp.demo_tenants)';
    v_rows jsonb := jsonb_build_object(
        'tenants', 'id IN (SELECT id FROM pg_temp.demo_tenants)',
        'provisioning_requests', 'id IN (SELECT id FROM pg_temp.demo_requests)',
        'provisioning_attempts', 'request_id IN (SELECT id FROM pg_temp.demo_requests)',
        'jobs', 'id IN (SELECT id FROM pg_temp.demo_jobs)',
        'job_steps', 'job_id IN (SELECT id FROM pg_temp.demo_jobs)',
        'step_attempts', 'job_id IN (SELECT id FROM pg_temp.demo_jobs)',
        'memberships', v_by_tenant, 'one_time_tokens', v_by_tenant, 'api_keys', v_by_tenant,
        'outbox_messages', v_by_tenant, 'tenant_resources', v_by_tenant, 'tenant_domains', v_by_tenant,
        'tenant_settings', v_by_tenant, 'tenant_branding', v_by_tenant,
        'employees', 'id IN (SELECT id FROM pg_temp.demo_employees)',
        'users', 'id IN (SELECT m.user_id FROM memberships m WHERE m.' || v_by_tenant || ' UNION SELECT e.user_id
            FROM employees e WHERE e.id IN (SELECT id FROM pg_temp.demo_employees))',
        'audit_log', 'actor_id IN (SELECT id FROM pg_temp.demo_employees)
            OR subject_id IN (SELECT id FROM pg_temp.demo_employees UNION ALL SELECT id FROM pg_temp.demo_tenants)
            OR request_id IN (SELECT id FROM pg_temp.demo_requests)');
    v_table text;
    v_condition text;
    v_columns text;
BEGIN
    FOR v_table IN SELECT jsonb_object_keys(v_rows) LOOP
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', v_table);
    END LOOP;
    -- A link that was not used in time has expired.
    UPDATE one_time_tokens SET expires_at = pg_temp.demo_time(created_at) + (expires_at - created_at)
    WHERE tenant_id IN (SELECT id FROM pg_temp.demo_tenants);
    UPDATE provisioning_requests
    SET response = jsonb_set(response, '{tenant,createdAt}', to_jsonb(rfc3339(pg_temp.demo_time(created_at))))
    WHERE id IN (SELECT id FROM pg_temp.demo_requests) AND response ? 'tenant';
    FOR v_table, v_condition IN SELECT * FROM jsonb_each_text(v_rows) LOOP
        SELECT string_agg(format('%I = pg_temp.demo_time(%1$I)', attname), ', ') INTO v_columns
        FROM pg_attribute WHERE attrelid = to_regclass(v_table) AND atttypid = 'timestamptz'::regtype
            AND NOT attisdropped AND attnum > 0 AND attgenerated = '';
        IF v_columns IS NOT NULL THEN
            EXECUTE format('UPDATE %I SET %s WHERE %s', v_table, v_columns, v_condition);
        END IF;
    END LOOP;
    FOR v_table IN SELECT jsonb_object_keys(v_rows) LOOP
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', v_table);
    END LOOP;
END $$;
