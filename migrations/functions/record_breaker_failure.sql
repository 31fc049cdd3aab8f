-- Updates a connector's breaker after a failed step. A failure that counts opens the breaker for 30 s if it is the
-- fifth in a row or if the step tested the connector. A failure that does not count closes a half-open breaker,
-- because the connector responded.
CREATE OR REPLACE FUNCTION record_breaker_failure(
    p_connector text, p_counts_for_breaker boolean, p_message text
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF p_counts_for_breaker AND p_connector <> 'core' THEN
        INSERT INTO breakers AS b (connector, failures, message) VALUES (p_connector, 1, p_message)
        ON CONFLICT (connector) DO UPDATE SET
            failures = b.failures + 1, message = p_message, changed_at = v_now,
            state = CASE WHEN b.failures + 1 >= 5 OR b.state = 'half_open' THEN 'open' ELSE b.state END,
            until = CASE WHEN b.failures + 1 >= 5 OR b.state = 'half_open'
                THEN v_now + interval '30 seconds' ELSE b.until END;
    ELSIF NOT p_counts_for_breaker THEN
        UPDATE breakers SET state = 'closed', failures = 0, until = NULL, changed_at = v_now
        WHERE connector = p_connector AND state = 'half_open';
    END IF;
END $$;
