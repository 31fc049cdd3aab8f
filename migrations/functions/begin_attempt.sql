-- Claims an idempotency key for a new attempt of its request. The claim ends with the transaction.
--
-- If the key is new, or its request failed, the caller must run the attempt. In this case, returns the request with a
-- null `status` and the data of the attempt. The caller passes the result to `store_attempt`. Otherwise, returns the
-- stored request, which the caller passes to `repeated_key_outcome`.
--
-- Waits at most 2 s for another call that holds the key, and 2 s for another transaction that has locked its request.
-- Also waits 2 s for the erasure of the person with the owner's address.
-- If a wait was too short, returns a request that has only the status `processing`.
CREATE OR REPLACE FUNCTION begin_attempt(
    p_employee_id uuid, p_idempotency_key uuid, p_fingerprint bytea, p_request_id uuid, p_payload jsonb,
    p_started timestamptz
) RETURNS provisioning_requests LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_lock_timeout text := current_setting('lock_timeout');
    v_request provisioning_requests;
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    IF p_payload #>> '{owner,emailCanonical}' IS NOT NULL THEN
        PERFORM lock_address(p_payload #>> '{owner,emailCanonical}', false);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(p_idempotency_key::text, 0));
    SELECT * INTO v_request FROM provisioning_requests
    WHERE idempotency_key = p_idempotency_key AND operation = 'provision_tenant' FOR UPDATE;
    PERFORM set_config('lock_timeout', v_lock_timeout, true);
    IF v_request.id IS NULL THEN
        v_request.id := p_request_id;
        v_request.operation := 'provision_tenant';
        v_request.idempotency_key := p_idempotency_key;
        v_request.attempt := 0;
        v_request.created_at := p_started;
    ELSIF v_request.status <> 'failed' THEN
        RETURN v_request;
    END IF;
    v_request.status := NULL;
    v_request.code := NULL;
    v_request.problem := NULL;
    v_request.redacted_at := NULL;
    v_request.attempt := v_request.attempt + 1;
    v_request.employee_id := p_employee_id;
    v_request.fingerprint := p_fingerprint;
    v_request.payload := p_payload;
    v_request.slug := coalesce(p_payload ->> 'slug', '');
    v_request.name := coalesce(p_payload ->> 'name', '');
    v_request.owner_email := coalesce(
        p_payload #>> '{owner,emailCanonical}', lower(p_payload #>> '{owner,email}'), '');
    RETURN v_request;
EXCEPTION WHEN lock_not_available THEN
    v_request.status := 'processing';
    RETURN v_request;
END $$;
