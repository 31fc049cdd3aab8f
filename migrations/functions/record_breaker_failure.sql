-- Updates a connector's breaker after a failed step, and returns whether the breaker opened. `p_counts_for_breaker` is
-- true if the connector could not be used, false if the connector refused the step, and null if the failure shows
-- neither. The breaker opens for 30 s after the fifth counted failure in a row, and after a test that neither succeeds
-- nor is refused. A refusal closes a half-open breaker, because the connector responded.
CREATE OR REPLACE FUNCTION record_breaker_failure(
    p_connector text, p_counts_for_breaker boolean, p_message text
) RETURNS boolean LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF p_connector = 'core' THEN
        RETURN false;
    ELSIF p_counts_for_breaker THEN
        INSERT INTO breakers AS b (connector, failures, message) VALUES (p_connector, 1, p_message)
        ON CONFLICT (connector) DO UPDATE SET failures = b.failures + 1, message = p_message, changed_at = v_now;
    ELSIF NOT p_counts_for_breaker THEN
        IF EXISTS (SELECT FROM breakers WHERE connector = p_connector AND state = 'half_open') THEN
            PERFORM close_breaker(p_connector);
        END IF;
        RETURN false;
    END IF;
    UPDATE breakers SET
        state = 'open', next_test_at = v_now + interval '30 seconds', test_job_id = NULL, changed_at = v_now
    WHERE connector = p_connector AND (state = 'half_open' OR (state = 'closed' AND failures >= 5));
    RETURN FOUND;
END $$;
