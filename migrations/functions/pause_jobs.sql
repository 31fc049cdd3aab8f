-- Blocks the unfinished jobs of a tenant that is suspended or deleted, except lifecycle jobs, which
-- `enqueue_lifecycle_job` supersedes. Takes a running step from its worker, which finds out before its next write.
-- `resume_jobs` continues the jobs. `p_reason` is the message of the interrupted attempts. The caller has locked the
-- jobs with `lock_tenant`.
CREATE OR REPLACE FUNCTION pause_jobs(p_tenant_id uuid, p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step job_steps;
BEGIN
    FOR v_job IN
        SELECT * FROM jobs
        WHERE tenant_id = p_tenant_id AND state IN ('pending', 'running', 'retrying') AND NOT is_lifecycle_kind(kind)
        ORDER BY id FOR UPDATE
    LOOP
        IF v_job.state = 'running' THEN
            UPDATE job_steps SET state = 'retrying', lost_attempts = 0, finished_at = clock_timestamp()
            WHERE job_id = v_job.id AND state = 'running' RETURNING * INTO v_step;
            UPDATE step_attempts SET outcome = 'released', message = p_reason, finished_at = clock_timestamp()
            WHERE job_id = v_job.id AND position = v_step.position AND number = v_step.attempt;
        END IF;
        PERFORM end_connector_test(v_job.id);
        -- Until its lease ends, the worker may still act. It measures the lease by its own clock, hence the 5 s.
        UPDATE jobs SET
            state = 'blocked', waiting_for = NULL, worker = NULL,
            due_at = CASE v_job.state WHEN 'running' THEN due_at + interval '5 seconds' ELSE due_at END
        WHERE id = v_job.id;
        PERFORM notify_change(v_job.request_id);
    END LOOP;
END $$;
