-- Cancels the messages with the link whose token has this hash, unless their transmission has begun. Deletes their dead
-- jobs: a failed message whose link was replaced needs no action. Returns the number of cancelled messages.
CREATE OR REPLACE FUNCTION cancel_messages(p_token_hash bytea, p_reason text) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_count integer;
BEGIN
    UPDATE outbox_messages SET
        status = 'cancelled', error = p_reason, finished_at = clock_timestamp(), wrapped_key = NULL, ciphertext = NULL
    WHERE token_hash = p_token_hash AND status IN ('held', 'pending') AND transmission_id IS NULL;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    DELETE FROM jobs j USING outbox_messages m
    WHERE m.token_hash = p_token_hash AND m.status IN ('failed', 'unconfirmed') AND j.id = m.job_id
        AND j.state = 'dead';
    RETURN v_count;
END $$;
