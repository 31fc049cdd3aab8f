-- Marks a step as succeeded and starts the next one, in one commit. If the attempt was superseded, changes
-- nothing and returns {"current": false}. Otherwise returns {"current": true}, and if there is a next step, the `job`
-- and this `step`.
CREATE OR REPLACE FUNCTION finish_step(
    p_job_id uuid, p_position integer, p_attempt integer, p_reference text, p_worker text, p_lease interval
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_step jsonb;
    v_connector text;
    v_job jobs;
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN jsonb_build_object('current', false);
    END IF;
    UPDATE job_steps SET state = 'succeeded', external_reference = p_reference, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position RETURNING connector INTO v_connector;
    UPDATE step_attempts SET outcome = 'succeeded', finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    UPDATE breakers SET state = 'closed', failures = 0, until = NULL, changed_at = v_now
    WHERE connector = v_connector AND (state <> 'closed' OR failures > 0);
    v_step := begin_next_step(p_job_id, p_worker);
    IF v_step IS NULL THEN
        PERFORM end_job(p_job_id, 'succeeded');
        RETURN jsonb_build_object('current', true);
    END IF;
    UPDATE jobs SET lease_until = v_now + p_lease WHERE id = p_job_id RETURNING * INTO v_job;
    RETURN jsonb_build_object('current', true, 'step', v_step, 'job', job_payload(v_job));
END $$;
