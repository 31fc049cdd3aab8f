-- Records that a call was refused before `provision_tenant_atomic` ran, for example because of invalid fields. The
-- refusal is an attempt of the request. The request is `failed`, so that the key can be used again.
--
-- The caller is `p_employee_id` or, if this id is null, the employee of an admin token. `p_fingerprint` is null for a
-- payload that cannot be read. Returns {"outcome"}, with "request_id" if the request is known:
--   recorded and `attempt`: the refusal was recorded
--   replayed and `response`: an earlier call with the same key and payload created the tenant, when this
--     payload was still valid
--   REQUEST_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, DUPLICATE_REQUEST: the key belongs to another request
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
    PERFORM set_config('lock_timeout', '2s', true);
    INSERT INTO provisioning_requests AS r (
        id, employee_id, idempotency_key, status, payload, slug, name, owner_email, code, problem,
        created_at, finished_at, elapsed_ms)
    VALUES (
        p_request_id, (v_actor ->> 'id')::uuid, p_idempotency_key, 'failed', p_payload,
        coalesce(p_payload ->> 'slug', ''), coalesce(p_payload ->> 'name', ''),
        lower(coalesce(p_payload #>> '{owner,email}', '')), p_code, p_problem, v_now, v_now, 0)
    ON CONFLICT ON CONSTRAINT requests_key_key DO UPDATE SET
        employee_id = excluded.employee_id, attempt = r.attempt + 1, payload = excluded.payload,
        slug = excluded.slug, name = excluded.name, owner_email = excluded.owner_email, code = excluded.code,
        problem = excluded.problem, finished_at = v_now, elapsed_ms = 0
        WHERE r.status = 'failed'
    RETURNING * INTO v_request;
    IF NOT FOUND THEN
        SELECT * INTO STRICT v_request FROM provisioning_requests
        WHERE idempotency_key = p_idempotency_key AND operation = 'provision_tenant';
        RETURN repeated_key_outcome(v_request, p_fingerprint);
    END IF;
    INSERT INTO provisioning_attempts (request_id, number, status, code, stages, started_at, finished_at)
    VALUES (v_request.id, v_request.attempt, 'failed', p_code,
            jsonb_build_array(jsonb_build_object('stage', 'received', 'offsetMs', 0)), v_now, v_now);
    RETURN jsonb_build_object('outcome', 'recorded', 'request_id', v_request.id, 'attempt', v_request.attempt);
EXCEPTION WHEN lock_not_available THEN
    RETURN jsonb_build_object('outcome', 'REQUEST_IN_PROGRESS');
END $$;
