-- Stores the step whose effect a rollback could not remove, and the reason.
CREATE OR REPLACE FUNCTION record_rollback_error(p_job_id uuid, p_step text, p_error text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request_id uuid;
BEGIN
    UPDATE jobs SET rollback_error = p_error, rollback_error_step = p_step
    WHERE id = p_job_id RETURNING request_id INTO v_request_id;
    PERFORM notify_change(v_request_id);
END $$;
