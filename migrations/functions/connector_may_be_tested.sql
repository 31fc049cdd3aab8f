-- Returns whether a step may test the connector of a breaker that is not closed: the pause is over, or the job whose
-- step tested the connector no longer exists.
CREATE OR REPLACE FUNCTION connector_may_be_tested(p_breaker breakers) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE p_breaker.state
        WHEN 'open' THEN p_breaker.next_test_at <= clock_timestamp()
        WHEN 'half_open' THEN p_breaker.test_job_id IS NULL
        ELSE false END
$$;
