-- Records that a job waits until the breaker of a connector is closed or the connector may be tested.
CREATE OR REPLACE FUNCTION mark_job_waiting(p_job_id uuid, p_connector text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request_id uuid;
BEGIN
    UPDATE jobs SET
        state = CASE WHEN state = 'pending' THEN 'pending' ELSE 'retrying' END, waiting_for = p_connector, worker = NULL
    WHERE id = p_job_id RETURNING request_id INTO v_request_id;
    PERFORM notify_change(v_request_id);
END $$;
