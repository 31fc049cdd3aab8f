-- Records that the running step of a job lost its worker. The step is then retrying or, after the fifth lost attempt in
-- a row, dead, because the step itself may crash the workers. Returns whether the step is dead.
CREATE OR REPLACE FUNCTION record_lost_attempt(p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_step job_steps;
BEGIN
    UPDATE job_steps SET
        state = CASE WHEN lost_attempts = 4 THEN 'dead' ELSE 'retrying' END, lost_attempts = lost_attempts + 1,
        finished_at = v_now
    WHERE job_id = p_job_id AND state = 'running' RETURNING * INTO v_step;
    UPDATE step_attempts SET
        finished_at = v_now, outcome = 'lost', code = 'WORKER_LOST', message = 'the worker was lost'
    WHERE job_id = p_job_id AND position = v_step.position AND number = v_step.attempt;
    RETURN v_step.state = 'dead';
END $$;
