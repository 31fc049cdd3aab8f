-- Returns whether the subject of a job allows a rollback. The external effects of a provisioning job are only undone
-- while its tenant is not active yet. Other jobs may always be rolled back.
CREATE OR REPLACE FUNCTION rollback_is_allowed(p_job jobs) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN p_job.kind <> 'provisioning'
        OR EXISTS (SELECT FROM tenants WHERE id = p_job.tenant_id AND status = 'provisioning');
END $$;
