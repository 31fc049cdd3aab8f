-- Acquires a connector for the next step of a job. Returns false if the job has to wait. If the breaker of the
-- connector is open and its pause is over, makes the breaker half-open: the step then tests the connector, and the
-- steps of other jobs wait.
CREATE OR REPLACE FUNCTION acquire_connector(p_connector text, p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM breakers WHERE connector = p_connector AND state <> 'closed') THEN
        RETURN true;
    END IF;
    -- The job that tests the connector continues its test after its worker was lost.
    UPDATE breakers b SET
        state = 'half_open', test_job_id = p_job_id, next_test_at = NULL, changed_at = clock_timestamp()
    WHERE connector = p_connector AND (test_job_id = p_job_id OR connector_may_be_tested(b));
    RETURN FOUND;
END $$;
