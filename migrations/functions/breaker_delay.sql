-- Returns null if a step may call the connector now, else how long the step must wait. When the pause of an open
-- breaker has ended, one caller gets null and tests the connector. The breaker is half-open until the test ends or
-- `p_test_timeout` passes.
CREATE OR REPLACE FUNCTION breaker_delay(p_connector text, p_test_timeout interval) RETURNS interval
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_breaker breakers;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO v_breaker FROM breakers WHERE connector = p_connector AND state <> 'closed';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- Also starts a new test if the last test timed out because its worker was lost.
    UPDATE breakers SET state = 'half_open', until = v_now + p_test_timeout, changed_at = v_now
    WHERE connector = p_connector AND state <> 'closed' AND until <= v_now;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    -- A test usually ends long before its timeout, so the step asks again soon.
    RETURN CASE v_breaker.state
        WHEN 'half_open' THEN interval '2 seconds'
        ELSE greatest(v_breaker.until - v_now, interval '1 second') END;
END $$;
