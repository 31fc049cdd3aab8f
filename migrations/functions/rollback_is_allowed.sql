-- Returns whether a job may be rolled back. A job that creates its tenant may be rolled back until the tenant is
-- active: while it is `provisioning` or `pending_activation`. A lifecycle job and a purge only go forward: maintenance
-- retries them, or a later change of the tenant supersedes them. A mail cannot be taken back. Every other job may be
-- rolled back.
CREATE OR REPLACE FUNCTION rollback_is_allowed(p_job jobs) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN CASE WHEN p_job.creates_tenant THEN EXISTS (
            SELECT FROM tenants WHERE id = p_job.tenant_id AND status IN ('provisioning', 'pending_activation'))
        ELSE p_job.kind NOT IN ('purge', 'mail') AND NOT is_lifecycle_kind(p_job.kind) END;
END $$;
