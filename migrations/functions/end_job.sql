-- Ends a job as `succeeded` or `dead`, releases its lease, and notifies the listeners.
CREATE OR REPLACE FUNCTION end_job(p_job_id uuid, p_state text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request_id uuid;
BEGIN
    UPDATE jobs SET
        state = p_state, waiting_for = NULL, worker = NULL, finished_at = clock_timestamp(),
        dead_at = CASE p_state WHEN 'dead' THEN clock_timestamp() END
    WHERE id = p_job_id RETURNING request_id INTO v_request_id;
    PERFORM end_connector_test(p_job_id);
    PERFORM notify_change(v_request_id);
END $$;
