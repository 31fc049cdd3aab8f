-- Closes the breaker of a connector that responded. Wakes the workers if jobs wait for the connector.
CREATE OR REPLACE FUNCTION close_breaker(p_connector text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE breakers SET
        state = 'closed', failures = 0, next_test_at = NULL, test_job_id = NULL, changed_at = clock_timestamp()
    WHERE connector = p_connector;
    IF EXISTS (SELECT FROM jobs WHERE waiting_for = p_connector) THEN
        PERFORM pg_notify('tenantry_jobs', '');
    END IF;
END $$;
