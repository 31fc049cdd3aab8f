-- Records that a call was refused before `provision_tenant_atomic` ran, for example because of invalid fields. The
-- refusal is an attempt of the request. The request is `failed`, so that the key can be used again.
--
-- The caller is `p_employee_id` or, if this ID is null, the employee of an admin token. `p_fingerprint` is null for a
-- payload that cannot be read. Returns {"outcome"}, with "request_id" if the request is known:
--   recorded and `attempt`: the refusal was recorded
--   replayed and `response`: an earlier call with the same key and payload created the tenant, while the
--     payload was still valid
--   REQUEST_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, DUPLICATE_REQUEST: the request of the key is running, has another
--     payload, or no longer has its tenant
--   UNAUTHENTICATED, FORBIDDEN: the caller may not provision
CREATE OR REPLACE FUNCTION record_refusal(
    p_employee_id uuid, p_token_hash bytea, p_idempotency_key uuid, p_fingerprint bytea, p_request_id uuid,
    p_payload jsonb, p_code text, p_problem jsonb
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_actor jsonb := authorize_provisioning(p_employee_id, p_token_hash);
    v_request provisioning_requests;
BEGIN
    IF v_actor ? 'outcome' THEN
        RETURN v_actor;
    END IF;
    v_request := begin_attempt(
        (v_actor ->> 'id')::uuid, p_idempotency_key, p_fingerprint, p_request_id, p_payload, v_now);
    IF v_request.status IS NOT NULL THEN
        RETURN repeated_key_outcome(v_request, p_fingerprint);
    END IF;
    v_request.fingerprint := NULL;
    v_request.status := 'failed';
    v_request.code := p_code;
    v_request.problem := p_problem;
    PERFORM store_attempt(
        v_request, jsonb_build_array(jsonb_build_object('stage', 'received', 'offsetMs', 0)), v_now, NULL, NULL);
    RETURN jsonb_build_object('outcome', 'recorded', 'request_id', v_request.id, 'attempt', v_request.attempt);
END $$;
