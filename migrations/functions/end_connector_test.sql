-- Ends a job's test of a connector when the test produced no result. Another job may test the connector immediately.
CREATE OR REPLACE FUNCTION end_connector_test(p_job_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE breakers SET state = 'open', next_test_at = clock_timestamp(), test_job_id = NULL
    WHERE test_job_id = p_job_id;
END $$;
