-- Applies an admin's action to the dead step of a job: `retry` starts its retry period again; `skip` continues
-- the job without the step. If `p_step` is not null, the dead step must have that name. Adds an entry to the audit log.
-- Raises TN404 if the job does not exist; TN409 if the job is not dead, another step is dead, a rollback has begun, or
-- the tenant that the job creates is suspended or deleted; 22023 if the action is unknown.
CREATE OR REPLACE FUNCTION apply_dead_step_action(
    p_job_id uuid, p_employee_id uuid, p_action text, p_step text DEFAULT NULL,
    p_client_address text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step job_steps;
BEGIN
    IF p_action IS NULL OR p_action NOT IN ('retry', 'skip') THEN
        RAISE EXCEPTION 'unknown action %', p_action USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO v_job FROM jobs WHERE id = p_job_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such job' USING ERRCODE = 'TN404';
    ELSIF v_job.rollback_began_at IS NOT NULL THEN
        RAISE EXCEPTION 'the job is being rolled back' USING ERRCODE = 'TN409';
    ELSIF EXISTS (SELECT FROM tenants WHERE id = v_job.tenant_id AND status IN ('suspended', 'deleted')
                  AND v_job.creates_tenant) THEN
        RAISE EXCEPTION 'the tenant of the job is suspended or deleted' USING ERRCODE = 'TN409';
    END IF;
    SELECT * INTO v_step FROM job_steps
    WHERE job_id = v_job.id AND state = 'dead' ORDER BY position LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR v_job.state <> 'dead' OR v_step.name <> p_step THEN
        RAISE EXCEPTION 'the job is %, and its dead step is %', v_job.state, coalesce(v_step.name, 'none')
            USING ERRCODE = 'TN409';
    END IF;
    UPDATE job_steps SET
        state = CASE p_action WHEN 'skip' THEN 'skipped' ELSE 'retrying' END,
        failed_attempts = CASE p_action WHEN 'skip' THEN failed_attempts ELSE 0 END,
        failing_since = CASE p_action WHEN 'skip' THEN failing_since END,
        lost_attempts = CASE p_action WHEN 'skip' THEN lost_attempts ELSE 0 END
    WHERE job_id = v_job.id AND position = v_step.position;
    UPDATE jobs SET state = 'retrying', due_at = now(), dead_at = NULL, finished_at = NULL WHERE id = v_job.id;
    PERFORM audit_job(
        v_job, p_employee_id, 'operator', CASE p_action WHEN 'skip' THEN 'step.skipped' ELSE 'step.retried' END,
        jsonb_build_object('step', v_step.name, 'state', 'dead', 'failedAttempts', v_step.failed_attempts),
        jsonb_build_object('step', v_step.name), p_client_address);
    PERFORM notify_change(v_job.request_id);
    PERFORM pg_notify('tenantry_jobs', '');
END $$;
