-- Starts the next attempt of a job's first pending or retrying step. No step of the job may be running. Returns
-- {"position", "name", "connector", "attempt", "failedAttempts", "failingForMs"}, or null if no step is pending or
-- retrying.
CREATE OR REPLACE FUNCTION begin_next_step(p_job_id uuid, p_worker text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_step job_steps;
    v_now timestamptz := clock_timestamp();
BEGIN
    UPDATE job_steps SET state = 'running', attempt = attempt + 1, started_at = v_now, finished_at = NULL
    WHERE job_id = p_job_id AND position = (
        SELECT min(position) FROM job_steps WHERE job_id = p_job_id AND state IN ('pending', 'retrying'))
    RETURNING * INTO v_step;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO step_attempts (job_id, position, number, worker, started_at)
    VALUES (p_job_id, v_step.position, v_step.attempt, p_worker, v_now);
    RETURN jsonb_build_object(
        'position', v_step.position, 'name', v_step.name, 'connector', v_step.connector,
        'attempt', v_step.attempt, 'failedAttempts', v_step.failed_attempts,
        'failingForMs', coalesce((extract(epoch FROM v_now - v_step.failing_since) * 1000)::bigint, 0));
END $$;
