-- Enqueues the job that purges a tenant, if the tenant can no longer be restored and has no such job. The job removes
-- what the steps of the tenant created, in reverse order, and then the data of the tenant (`purge_tenant`). Ends the
-- unfinished lifecycle jobs of the tenant. Retries a purge that has been dead for a day. Returns whether a job was
-- enqueued.
CREATE OR REPLACE FUNCTION begin_purge(p_tenant_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_steps jsonb;
    v_job_id uuid;
BEGIN
    IF NOT lock_tenant(p_tenant_id) THEN
        RETURN false;
    END IF;
    -- A statement of its own, because the snapshot of a statement that waits for the lock is older than a restore.
    IF NOT EXISTS (
        SELECT FROM tenants WHERE id = p_tenant_id AND deleted_at <= clock_timestamp() - interval '30 days')
    THEN
        RETURN false;
    END IF;
    SELECT * INTO v_job FROM jobs WHERE tenant_id = p_tenant_id AND kind = 'purge';
    IF v_job.id IS NULL THEN
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', 'PURGE_' || s.name, 'connector', s.connector, 'state', 'pending') ORDER BY s.position DESC), '[]')
        INTO v_steps FROM jobs j JOIN job_steps s ON s.job_id = j.id
        WHERE j.tenant_id = p_tenant_id AND j.creates_tenant AND s.attempt > 0
            AND s.name NOT IN ('STEP_2_ODOO18_AUTH', 'STEP_7_FINALIZE_TENANT');
        PERFORM supersede_lifecycle_jobs(p_tenant_id);
        v_job_id := enqueue_job('purge', NULL, p_tenant_id, false, '{}', v_steps
            || jsonb_build_object('name', 'PURGE_TENANT', 'connector', 'core', 'state', 'pending'), clock_timestamp());
        UPDATE jobs SET due_at = greatest(due_at, interrupted_until(p_tenant_id)) WHERE id = v_job_id;
    ELSIF v_job.state = 'dead' AND v_job.dead_at < clock_timestamp() - interval '1 day' THEN
        UPDATE job_steps SET state = 'retrying', failed_attempts = 0, failing_since = NULL, lost_attempts = 0
        WHERE job_id = v_job.id AND state = 'dead';
        UPDATE jobs SET state = 'retrying', due_at = clock_timestamp(), dead_at = NULL, finished_at = NULL
        WHERE id = v_job.id;
    ELSE
        RETURN false;
    END IF;
    PERFORM pg_notify('tenantry_jobs', '');
    RETURN v_job.id IS NULL;
END $$;
