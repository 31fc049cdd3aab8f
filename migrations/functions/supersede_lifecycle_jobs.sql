-- Ends the unfinished lifecycle jobs of a tenant, dead ones included, because a later change of the tenant replaces
-- them. Takes a running step from its worker, which finds out before its next write. The column `due_at` of a job whose
-- step was running becomes the time from which that worker cannot act any more. The caller has locked the jobs with
-- `lock_tenant`.
CREATE OR REPLACE FUNCTION supersede_lifecycle_jobs(p_tenant_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_now timestamptz := clock_timestamp();
BEGIN
    FOR v_job IN
        SELECT * FROM jobs
        WHERE tenant_id = p_tenant_id AND is_lifecycle_kind(kind)
            AND state IN ('pending', 'running', 'retrying', 'dead')
        ORDER BY id FOR UPDATE
    LOOP
        UPDATE step_attempts a SET
            outcome = 'released', message = 'A later change of the tenant superseded the job.', finished_at = v_now
        FROM job_steps s
        WHERE s.job_id = v_job.id AND s.state = 'running'
            AND a.job_id = s.job_id AND a.position = s.position AND a.number = s.attempt;
        UPDATE job_steps SET state = 'skipped', lost_attempts = 0, finished_at = v_now
        WHERE job_id = v_job.id AND state NOT IN ('succeeded', 'skipped');
        PERFORM end_connector_test(v_job.id);
        -- The worker measures the lease by its own clock, hence the 5 s.
        UPDATE jobs SET
            state = 'skipped', waiting_for = NULL, worker = NULL, dead_at = NULL, finished_at = v_now,
            due_at = CASE v_job.state WHEN 'running' THEN due_at + interval '5 seconds' ELSE due_at END
        WHERE id = v_job.id;
    END LOOP;
END $$;
