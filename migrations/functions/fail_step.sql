-- Records that a step failed: schedules a retry after `p_retry_after` or, if `p_retry_after` is null, marks the step as
-- dead. `record_breaker_failure` explains `p_signal`. If the attempt was superseded, changes nothing and returns
-- {"current": false}. Otherwise returns {"current": true, "breakerOpened"}.
CREATE OR REPLACE FUNCTION fail_step(
    p_job_id uuid, p_position integer, p_attempt integer, p_code text, p_message text, p_retry_after interval,
    p_signal text
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_connector text;
    v_breaker_opened boolean;
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN jsonb_build_object('current', false);
    END IF;
    UPDATE job_steps SET
        state = CASE WHEN p_retry_after IS NULL THEN 'dead' ELSE 'retrying' END, finished_at = v_now,
        failed_attempts = failed_attempts + 1, failing_since = coalesce(failing_since, v_now), lost_attempts = 0
    WHERE job_id = p_job_id AND position = p_position RETURNING connector INTO v_connector;
    UPDATE step_attempts SET outcome = 'failed', code = p_code, message = p_message, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    v_breaker_opened := record_breaker_failure(v_connector, p_signal, p_message);
    IF p_retry_after IS NULL THEN
        PERFORM end_job(p_job_id, 'dead');
    ELSE
        UPDATE jobs SET state = 'retrying', due_at = v_now + p_retry_after, worker = NULL WHERE id = p_job_id;
        PERFORM notify_change((SELECT request_id FROM jobs WHERE id = p_job_id));
    END IF;
    RETURN jsonb_build_object('current', true, 'breakerOpened', v_breaker_opened);
END $$;
