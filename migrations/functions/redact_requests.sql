-- Removes the payloads and the personal data of at most `p_limit` requests that ended before `p_before` and have no
-- tenant: failed and rolled-back ones. Deletes their jobs. The ID, the idempotency key, the status, the codes and the
-- times remain, so that a repeated key has the same outcome. Returns the number of requests. Skips a request that
-- another transaction has locked.
--
-- Locks the jobs before the requests, as every function that locks both does.
CREATE OR REPLACE FUNCTION redact_requests(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_ids uuid[] := ARRAY(
        SELECT id FROM provisioning_requests
        WHERE status IN ('failed', 'rolled_back') AND redacted_at IS NULL AND finished_at < p_before
        ORDER BY finished_at LIMIT p_limit);
BEGIN
    PERFORM FROM jobs WHERE request_id = ANY (v_ids) ORDER BY id FOR UPDATE;
    WITH redacted AS (
        UPDATE provisioning_requests SET
            redacted_at = clock_timestamp(), payload = '{}', response = NULL, fingerprint = NULL,
            slug = '', name = '', owner_email = '',
            problem = CASE status WHEN 'failed' THEN jsonb_build_object('code', code, 'requestId', id) END
        WHERE id IN (
            -- A call may have retried a failed request after its ID was selected.
            SELECT id FROM provisioning_requests
            WHERE id = ANY (v_ids) AND status IN ('failed', 'rolled_back') AND redacted_at IS NULL
                AND finished_at < p_before
            ORDER BY id FOR UPDATE SKIP LOCKED)
        RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO v_ids FROM redacted;
    DELETE FROM jobs WHERE request_id = ANY (v_ids);
    RETURN cardinality(v_ids);
END $$;
