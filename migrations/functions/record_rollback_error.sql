-- Stores what a run of a rollback failed to undo.
CREATE OR REPLACE FUNCTION record_rollback_error(p_request_id uuid, p_error text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE jobs SET rollback_error = p_error WHERE request_id = p_request_id;
    PERFORM notify_change(p_request_id);
END $$;
