-- Removes the messages of at most `p_limit` attempts that ended before `p_before`. A message may contain names and
-- addresses. Returns the number of attempts.
CREATE OR REPLACE FUNCTION redact_attempts(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_count integer;
BEGIN
    UPDATE provisioning_attempts SET message = NULL
    WHERE (request_id, number) IN (
        SELECT request_id, number FROM provisioning_attempts
        WHERE message IS NOT NULL AND finished_at < p_before
        ORDER BY finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;
