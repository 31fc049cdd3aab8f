-- Returns whether the tenant of a job allows a rollback. A job that creates its tenant may be rolled back until the
-- tenant is active: while it is `provisioning` or `pending_activation`. For every other job, the status of the tenant
-- does not matter.
CREATE OR REPLACE FUNCTION rollback_is_allowed(p_job jobs) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN NOT p_job.creates_tenant
        OR EXISTS (
            SELECT FROM tenants WHERE id = p_job.tenant_id AND status IN ('provisioning', 'pending_activation'));
END $$;
