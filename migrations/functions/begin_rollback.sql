-- Begins or resumes the rollback of a job. From then on, no worker claims the job, and no action on its dead step is
-- accepted. Returns {"job", "startedSteps"}: the job as in `claim_job`, and the names of the steps that may have an
-- effect, in order. A resumed rollback keeps its first reason and employee. Adds an entry to the audit log, except
-- when maintenance resumes a rollback.
--
-- Maintenance passes no `p_employee_id`. Maintenance may only resume a rollback, or begin one for a job that has been
-- dead for longer than `p_unattended_for`. Raises TN404 when the job does not exist; TN409 when a worker holds the
-- lease of the job, when the job has ended, or when `rollback_is_allowed` returns false.
CREATE OR REPLACE FUNCTION begin_rollback(
    p_job_id uuid, p_employee_id uuid, p_reason text, p_unattended_for interval,
    p_client_address text DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE id = p_job_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such job' USING ERRCODE = 'TN404';
    -- A worker whose lease has expired stops its step. It measures the lease by its own clock, hence the 5 s.
    ELSIF v_job.state NOT IN ('pending', 'running', 'retrying', 'dead')
          OR (v_job.state = 'running' AND v_job.due_at > now() - interval '5 seconds') THEN
        RAISE EXCEPTION 'the job is %', v_job.state USING ERRCODE = 'TN409';
    ELSIF p_employee_id IS NULL AND v_job.rollback_began_at IS NULL
          AND (v_job.state = 'dead' AND v_job.dead_at < now() - p_unattended_for) IS NOT TRUE THEN
        RAISE EXCEPTION 'an admin may still act on the dead step' USING ERRCODE = 'TN409';
    END IF;
    PERFORM FROM jobs WHERE tenant_id = v_job.tenant_id ORDER BY id FOR UPDATE;
    PERFORM FROM tenants WHERE id = v_job.tenant_id FOR UPDATE;
    IF NOT rollback_is_allowed(v_job) THEN
        RAISE EXCEPTION 'the tenant is active or gone' USING ERRCODE = 'TN409';
    END IF;
    -- No other job of the tenant repeats an effect that the compensations remove.
    IF v_job.creates_tenant THEN
        PERFORM supersede_lifecycle_jobs(v_job.tenant_id);
    END IF;
    IF v_job.state = 'running' THEN
        PERFORM record_lost_attempt(v_job.id);
    END IF;
    PERFORM end_connector_test(v_job.id);
    IF NOT EXISTS (SELECT FROM job_steps WHERE job_id = v_job.id AND state = 'dead') THEN
        UPDATE job_steps SET state = 'dead' WHERE job_id = v_job.id AND position = (
            SELECT min(position) FROM job_steps WHERE job_id = v_job.id AND state IN ('pending', 'retrying'));
    END IF;
    IF v_job.rollback_began_at IS NULL OR p_employee_id IS NOT NULL THEN
        PERFORM audit_job(
            v_job, p_employee_id, 'pipeline',
            CASE WHEN v_job.tenant_id IS NULL THEN 'job' ELSE 'tenant' END
                || CASE WHEN v_job.rollback_began_at IS NULL THEN '.rollback_began' ELSE '.rollback_resumed' END,
            NULL, jsonb_build_object('reason', p_reason), p_client_address);
    END IF;
    -- Maintenance does not resume the rollback for the next 5 minutes.
    UPDATE jobs SET
        state = 'dead', dead_at = coalesce(dead_at, clock_timestamp()), waiting_for = NULL, worker = NULL,
        due_at = clock_timestamp() + interval '5 minutes',
        rollback_by = CASE WHEN rollback_began_at IS NULL THEN p_employee_id ELSE rollback_by END,
        rollback_reason = coalesce(rollback_reason, p_reason),
        rollback_began_at = coalesce(rollback_began_at, clock_timestamp()),
        rollback_error = NULL, rollback_error_step = NULL
    WHERE id = v_job.id RETURNING * INTO v_job;
    PERFORM notify_change(v_job.request_id);
    RETURN jsonb_build_object('job', job_to_json(v_job), 'startedSteps', (
        SELECT coalesce(jsonb_agg(name ORDER BY position), '[]')
        FROM job_steps WHERE job_id = v_job.id AND attempt > 0));
END $$;
