-- Returns whether a job may be rolled back. A job that creates its tenant may be rolled back while the tenant is
-- `provisioning`, every other job at any time.
CREATE OR REPLACE FUNCTION rollback_is_allowed(p_job jobs) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN NOT p_job.creates_tenant
        OR EXISTS (SELECT FROM tenants WHERE id = p_job.tenant_id AND status = 'provisioning');
END $$;
