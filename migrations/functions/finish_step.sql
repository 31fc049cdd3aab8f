-- Marks a step as succeeded and starts the next one, in one transaction. If the attempt was superseded, changes nothing
-- and returns {"current": false}. Otherwise returns {"current": true} and, if the next step started, the `job` and the
-- next `step`. If the circuit breaker of the next step's connector is not closed, the job waits for the connector.
-- `p_resource` is what the step created, as in `on_step_succeeded`, or null. Servers of an earlier version do not pass
-- it.
CREATE OR REPLACE FUNCTION finish_step(
    p_job_id uuid, p_position integer, p_attempt integer, p_reference text, p_worker text, p_lease interval,
    p_resource jsonb DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_step jsonb;
    v_connector text;
    v_breaker_is_closed boolean;
    v_job jobs;
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN jsonb_build_object('current', false);
    END IF;
    UPDATE job_steps SET state = 'succeeded', external_reference = p_reference, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position RETURNING connector INTO v_connector;
    UPDATE step_attempts SET outcome = 'succeeded', finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    IF p_resource IS NOT NULL THEN
        PERFORM on_step_succeeded(p_job_id, p_reference, p_resource);
    END IF;
    IF EXISTS (SELECT FROM breakers WHERE connector = v_connector AND (state <> 'closed' OR failures > 0)) THEN
        PERFORM close_breaker(v_connector);
    END IF;
    SELECT s.connector, NOT EXISTS (SELECT FROM breakers b WHERE b.connector = s.connector AND b.state <> 'closed')
    INTO v_connector, v_breaker_is_closed FROM job_steps s
    WHERE s.job_id = p_job_id AND s.state IN ('pending', 'retrying') ORDER BY s.position LIMIT 1;
    IF NOT FOUND THEN
        PERFORM end_job(p_job_id, 'succeeded');
        RETURN jsonb_build_object('current', true);
    ELSIF NOT v_breaker_is_closed THEN
        PERFORM mark_job_waiting(p_job_id, v_connector);
        RETURN jsonb_build_object('current', true);
    END IF;
    v_step := begin_next_step(p_job_id, p_worker);
    -- `due_at` of a running job is the end of its lease.
    UPDATE jobs SET due_at = v_now + p_lease WHERE id = p_job_id RETURNING * INTO v_job;
    RETURN jsonb_build_object('current', true, 'step', v_step, 'job', job_to_json(v_job));
END $$;
