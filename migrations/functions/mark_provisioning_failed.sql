-- Marks a request that is `processing`, and its attempt, as `failed`. Returns the new status. Raises TN404 when the
-- request does not exist, and TN409 when the request is not `processing`.
CREATE OR REPLACE FUNCTION mark_provisioning_failed(p_request_id uuid, p_code text, p_message text) RETURNS text
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request provisioning_requests;
BEGIN
    SELECT * INTO v_request FROM provisioning_requests WHERE id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'TN404';
    ELSIF v_request.status <> 'processing' THEN
        RAISE EXCEPTION 'the request is %', v_request.status USING ERRCODE = 'TN409';
    END IF;
    UPDATE provisioning_requests SET
        status = 'failed', code = p_code, problem = jsonb_build_object('code', p_code, 'requestId', id),
        finished_at = clock_timestamp()
    WHERE id = p_request_id;
    INSERT INTO provisioning_attempts (request_id, number, status, code, message, started_at, finished_at)
    VALUES (p_request_id, v_request.attempt, 'failed', p_code, p_message, v_request.created_at, clock_timestamp())
    ON CONFLICT (request_id, number) DO UPDATE SET
        status = 'failed', code = excluded.code, message = excluded.message, finished_at = excluded.finished_at;
    RETURN 'failed';
END $$;
