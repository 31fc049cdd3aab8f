-- Stores the outcome of an attempt in its request and in a new row of `provisioning_attempts`. `p_request` is the
-- result of `begin_attempt`, in which the caller has set the status and the other columns of the outcome. Each attempt
-- writes its request only once, because each version of the row adds an entry to every index. Raises
-- serialization_failure if another call stored a request with the key without the lock of `begin_attempt`, as a server
-- of an earlier version does.
CREATE OR REPLACE FUNCTION store_attempt(
    p_request provisioning_requests, p_stages jsonb, p_started timestamptz, p_constraint text, p_message text
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    p_request.finished_at := clock_timestamp();
    p_request.elapsed_ms := extract(epoch FROM p_request.finished_at - p_started) * 1000;
    INSERT INTO provisioning_requests AS r (
        id, employee_id, operation, idempotency_key, fingerprint, status, attempt, payload, response, code, problem,
        slug, name, owner_email, tenant_id, tenant_code, created_at, finished_at, elapsed_ms, redacted_at)
    VALUES (
        p_request.id, p_request.employee_id, p_request.operation, p_request.idempotency_key, p_request.fingerprint,
        p_request.status, p_request.attempt, p_request.payload, p_request.response, p_request.code, p_request.problem,
        p_request.slug, p_request.name, p_request.owner_email, p_request.tenant_id, p_request.tenant_code,
        p_request.created_at, p_request.finished_at, p_request.elapsed_ms, p_request.redacted_at)
    ON CONFLICT ON CONSTRAINT requests_key_key DO UPDATE SET
        employee_id = excluded.employee_id, fingerprint = excluded.fingerprint, status = excluded.status,
        attempt = excluded.attempt, payload = excluded.payload, response = excluded.response, code = excluded.code,
        problem = excluded.problem, slug = excluded.slug, name = excluded.name, owner_email = excluded.owner_email,
        tenant_id = excluded.tenant_id, tenant_code = excluded.tenant_code, finished_at = excluded.finished_at,
        elapsed_ms = excluded.elapsed_ms, redacted_at = excluded.redacted_at
        WHERE r.id = excluded.id AND r.status = 'failed';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another call used the idempotency key' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO provisioning_attempts (
        request_id, number, status, code, constraint_name, message, stages, started_at, finished_at)
    VALUES (
        p_request.id, p_request.attempt, p_request.status, p_request.code, p_constraint, p_message, p_stages,
        p_started, p_request.finished_at);
END $$;
