-- Enqueues the job that applies the current status of a tenant to its external systems, after the tenant was suspended,
-- resumed, deleted or restored (`p_kind`). The job has a step for each step in `p_steps` that has begun in the job that
-- created the tenant. If there is none, no job is created. Ends the unfinished lifecycle jobs of the tenant. Returns
-- whether a job was created.
--
-- The steps read the status of the tenant when they begin. The job is not due before the workers of interrupted steps
-- can no longer act, so that their late effects do not replace those of this job. The caller has locked the jobs with
-- `lock_tenant`, and has changed the status.
CREATE OR REPLACE FUNCTION enqueue_lifecycle_job(p_tenant_id uuid, p_kind text, p_steps text[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_steps jsonb;
    v_job_id uuid;
BEGIN
    PERFORM supersede_lifecycle_jobs(p_tenant_id);
    SELECT jsonb_agg(jsonb_build_object(
        'name', CASE WHEN t.status IN ('suspended', 'deleted') THEN 'SUSPEND_' ELSE 'RESUME_' END || s.name,
        'connector', s.connector, 'state', 'pending') ORDER BY s.position)
    INTO v_steps FROM tenants t JOIN jobs j ON j.tenant_id = t.id JOIN job_steps s ON s.job_id = j.id
    WHERE t.id = p_tenant_id AND j.creates_tenant AND s.attempt > 0 AND s.name = ANY (p_steps);
    IF v_steps IS NULL THEN
        RETURN false;
    END IF;
    v_job_id := enqueue_job(p_kind, NULL, p_tenant_id, false, '{}', v_steps, clock_timestamp());
    UPDATE jobs SET created_at = clock_timestamp(), due_at = greatest(due_at, interrupted_until(p_tenant_id))
    WHERE id = v_job_id;
    PERFORM pg_notify('tenantry_jobs', '');
    RETURN true;
END $$;
