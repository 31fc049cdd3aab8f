-- Claims an idempotency key by inserting its request, or by starting the next attempt of a request that failed. Returns
-- {"request_id", "attempt"} if the caller must run this attempt, or else {"outcome", …}, the response of
-- `provision_tenant_atomic`. Each wait for another call that holds the key takes at most 2 s; then returns
-- REQUEST_IN_PROGRESS.
CREATE OR REPLACE FUNCTION claim_idempotency_key(
    p_employee_id uuid, p_idempotency_key uuid, p_fingerprint bytea, p_request_id uuid, p_payload jsonb,
    p_started timestamptz
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_lock_timeout text := current_setting('lock_timeout');
    v_request provisioning_requests;
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    INSERT INTO provisioning_requests (
        id, employee_id, idempotency_key, fingerprint, status, payload, slug, name, owner_email, created_at)
    VALUES (
        p_request_id, p_employee_id, p_idempotency_key, p_fingerprint, 'processing', p_payload,
        p_payload ->> 'slug', p_payload ->> 'name', p_payload #>> '{owner,emailCanonical}', p_started)
    ON CONFLICT ON CONSTRAINT requests_key_key DO NOTHING;
    IF FOUND THEN
        PERFORM set_config('lock_timeout', v_lock_timeout, true);
        RETURN jsonb_build_object('request_id', p_request_id, 'attempt', 1);
    END IF;

    SELECT * INTO STRICT v_request FROM provisioning_requests
    WHERE idempotency_key = p_idempotency_key AND operation = 'provision_tenant' FOR UPDATE;
    PERFORM set_config('lock_timeout', v_lock_timeout, true);
    IF v_request.status <> 'failed' THEN
        RETURN repeated_key_outcome(v_request, p_fingerprint);
    END IF;
    UPDATE provisioning_requests SET
        employee_id = p_employee_id, status = 'processing', attempt = attempt + 1,
        payload = p_payload, fingerprint = p_fingerprint,
        slug = p_payload ->> 'slug', name = p_payload ->> 'name',
        owner_email = p_payload #>> '{owner,emailCanonical}',
        code = NULL, problem = NULL, finished_at = NULL, elapsed_ms = NULL
    WHERE id = v_request.id RETURNING * INTO v_request;
    RETURN jsonb_build_object('request_id', v_request.id, 'attempt', v_request.attempt);
EXCEPTION WHEN lock_not_available THEN
    RETURN jsonb_build_object('outcome', 'REQUEST_IN_PROGRESS');
END $$;
