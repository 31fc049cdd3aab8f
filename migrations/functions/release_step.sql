-- Releases a step because its worker shuts down. Another worker may continue the step immediately. Returns false,
-- without a change, if the attempt was superseded.
CREATE OR REPLACE FUNCTION release_step(
    p_job_id uuid, p_position integer, p_attempt integer, p_reason text
) RETURNS boolean LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE job_steps SET state = 'retrying', lost_attempts = 0, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position;
    UPDATE step_attempts SET outcome = 'released', message = p_reason, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    UPDATE jobs SET state = 'retrying', due_at = v_now, worker = NULL WHERE id = p_job_id;
    PERFORM end_connector_test(p_job_id);
    PERFORM notify_change((SELECT request_id FROM jobs WHERE id = p_job_id));
    PERFORM pg_notify('tenantry_jobs', '');
    RETURN true;
END $$;
