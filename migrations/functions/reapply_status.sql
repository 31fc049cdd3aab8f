-- Enqueues a lifecycle job that applies the status of a tenant that has just become active, if an earlier lifecycle job
-- has applied another one: such a tenant was deleted and restored before it was active. The job has a step for each
-- effect that an earlier one has changed, and supersedes an unfinished one, which may have read the former status. The
-- caller has locked the jobs of the tenant, and has changed the status.
CREATE OR REPLACE FUNCTION reapply_status(p_tenant_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_steps text[] := ARRAY(
        SELECT DISTINCT regexp_replace(s.name, '^(SUSPEND|RESUME)_', '')
        FROM jobs j JOIN job_steps s ON s.job_id = j.id
        WHERE j.tenant_id = p_tenant_id AND is_lifecycle_kind(j.kind));
BEGIN
    IF cardinality(v_steps) > 0 THEN
        PERFORM enqueue_lifecycle_job(p_tenant_id, 'restore', v_steps);
    END IF;
END $$;
