-- Row level security (docs/specification.md, section 7). A transaction of a tenant's program runs as the role
-- `tenantry_tenant` and sees the rows of the tenant in the setting `app.tenant_id`, or no rows without this setting.
-- The program that migrates creates the role first, because roles belong to the cluster.
--
-- All other roles that may use a table see all of its rows. Their policy is the constant true, which the planner
-- removes, so that their queries cost as much as without row level security and can use every index.

CREATE FUNCTION current_tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('app.tenant_id', true), '')::uuid
$$;

-- Returns whether the setting `app.employee_id` contains the ID of an active employee.
CREATE FUNCTION acts_for_active_employee() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM employees
        WHERE id = nullif(current_setting('app.employee_id', true), '')::uuid AND status = 'active');
END $$;

-- Limits the role `tenantry_tenant` to the rows of a table that meet a condition. Call this function in the migration
-- that creates a table with the rows of tenants.
CREATE FUNCTION protect_rows(
    p_table regclass, p_visible text DEFAULT 'tenant_id = current_tenant_id()', p_insertable text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_table);
    EXECUTE format('CREATE POLICY all_rows ON %s USING (true)', p_table);
    EXECUTE format('CREATE POLICY own_rows ON %s AS RESTRICTIVE TO tenantry_tenant USING (%s) WITH CHECK (%s)',
                   p_table, p_visible, coalesce(p_insertable, p_visible));
END $$;

SELECT protect_rows('tenants', 'id = current_tenant_id()');
SELECT protect_rows(name::regclass) FROM unnest(ARRAY[
    'memberships', 'tenant_settings', 'tenant_branding', 'segments', 'packages', 'api_keys', 'tenant_secrets',
    'one_time_tokens', 'tenant_resources', 'jobs']) AS name;
-- What admins did is visible to active employees only. A tenant may add entries about itself to the audit log.
SELECT protect_rows(name::regclass, '(SELECT acts_for_active_employee())', 'false')
FROM unnest(ARRAY['provisioning_requests', 'provisioning_attempts']) AS name;
SELECT protect_rows('audit_log', '(SELECT acts_for_active_employee())',
                    $$subject_kind = 'tenant' AND subject_id = current_tenant_id()$$);

GRANT USAGE ON SCHEMA tenantry TO tenantry_tenant;
GRANT SELECT ON tenants, memberships, tenant_settings, tenant_branding, segments, packages, tenant_resources,
    provisioning_requests, provisioning_attempts, audit_log TO tenantry_tenant;
GRANT UPDATE ON tenant_settings, tenant_branding TO tenantry_tenant;
GRANT INSERT, UPDATE ON segments TO tenantry_tenant;
GRANT INSERT, UPDATE, DELETE ON packages TO tenantry_tenant;
GRANT INSERT ON audit_log TO tenantry_tenant;
-- Everything but the hash of the secret key.
GRANT SELECT (id, tenant_id, public_key, created_at, last_used_at, revoked_at, replaces, overlap_hours,
    idempotency_key, expires_at), INSERT, UPDATE (expires_at, revoked_at) ON api_keys TO tenantry_tenant;
