-- Starts the next attempt of a job's first unfinished step. Returns {"position", "name", "connector", "attempt",
-- "countedAttempts"}; {"dead": true} if the fifth counted attempt lost its worker; null if no step is unfinished.
CREATE OR REPLACE FUNCTION begin_next_step(p_job_id uuid, p_worker text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_step job_steps;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO v_step FROM job_steps
    WHERE job_id = p_job_id AND state IN ('pending', 'running', 'retrying') ORDER BY position LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF v_step.state = 'running' THEN
        UPDATE step_attempts SET
            finished_at = v_now, outcome = 'lost', code = 'CONNECTOR_TIMEOUT', message = 'the worker was lost'
        WHERE job_id = p_job_id AND position = v_step.position AND number = v_step.attempt;
        IF v_step.counted_attempts >= 5 THEN
            UPDATE job_steps SET state = 'dead', finished_at = v_now
            WHERE job_id = p_job_id AND position = v_step.position;
            RETURN jsonb_build_object('dead', true);
        END IF;
    END IF;
    UPDATE job_steps SET
        state = 'running', attempt = attempt + 1, counted_attempts = counted_attempts + 1,
        started_at = v_now, finished_at = NULL
    WHERE job_id = p_job_id AND position = v_step.position RETURNING * INTO v_step;
    INSERT INTO step_attempts (job_id, position, number, worker, started_at)
    VALUES (p_job_id, v_step.position, v_step.attempt, p_worker, v_now);
    RETURN jsonb_build_object(
        'position', v_step.position, 'name', v_step.name, 'connector', v_step.connector,
        'attempt', v_step.attempt, 'countedAttempts', v_step.counted_attempts);
END $$;
