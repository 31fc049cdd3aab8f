-- Updates the breaker of a connector after a failed step, and returns whether the breaker opened. `p_signal` says what
-- the failure shows about the external system:
-- `unavailable`: the external system is not available. Counts as a failure.
-- `responded`: the external system responded, but the step failed permanently. Closes a half-open breaker.
-- `inconclusive`: the external system asked for a pause or was not called. Not counted.
-- The breaker opens for 30 s after the fifth counted failure since the last success, and after a test of the connector
-- that ends with `unavailable` or `inconclusive`.
CREATE OR REPLACE FUNCTION record_breaker_failure(
    p_connector text, p_signal text, p_message text
) RETURNS boolean LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    -- Steps with the connector `core` have no breaker.
    IF p_connector = 'core' THEN
        RETURN false;
    ELSIF p_signal = 'unavailable' THEN
        INSERT INTO breakers AS b (connector, failures, message) VALUES (p_connector, 1, p_message)
        ON CONFLICT (connector) DO UPDATE SET failures = b.failures + 1, message = p_message, changed_at = v_now;
    ELSIF p_signal = 'responded' THEN
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
