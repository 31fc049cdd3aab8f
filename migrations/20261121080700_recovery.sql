-- What an operator may do about a request that did not end well. Each returns the request's new
-- status, or raises TN404 (no such request) or TN409 (cannot follow from the present status).

CREATE FUNCTION mark_provisioning_failed(p_request_id uuid, p_code text, p_message text) RETURNS text
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
        status = 'failed', code = p_code, problem = jsonb_build_object('code', p_code, 'requestId', id), finished_at = clock_timestamp()
    WHERE id = p_request_id;
    INSERT INTO provisioning_attempts (request_id, number, status, code, message, started_at, finished_at)
    VALUES (p_request_id, v_request.attempt, 'failed', p_code, p_message, v_request.created_at, clock_timestamp())
    ON CONFLICT (request_id, number) DO UPDATE SET
        status = 'failed', code = excluded.code, message = excluded.message, finished_at = excluded.finished_at;
    RETURN 'failed';
END $$;

-- Removes the tenant of a request, and the owner where this request made it. Slug and e-mail
-- are free again; the request stays, `rolled_back`, with the reason. A tenant that is active
-- is touched only when `p_even_active` says so.
CREATE FUNCTION rollback_provisioning(
    p_request_id uuid, p_employee_id uuid, p_reason text, p_even_active boolean DEFAULT false
) RETURNS text LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request provisioning_requests;
    v_tenant tenants;
BEGIN
    SELECT * INTO v_request FROM provisioning_requests WHERE id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'TN404';
    END IF;
    SELECT * INTO v_tenant FROM tenants WHERE request_id = p_request_id FOR UPDATE;
    IF v_request.status <> 'completed' OR v_tenant.id IS NULL OR (v_tenant.status = 'active' AND NOT p_even_active) THEN
        RAISE EXCEPTION 'the request is %, the tenant %', v_request.status, coalesce(v_tenant.status, 'gone') USING ERRCODE = 'TN409';
    END IF;
    DELETE FROM tenants WHERE id = v_tenant.id;
    DELETE FROM users u WHERE u.id = v_tenant.owner_id AND u.created_by_request = p_request_id
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
        AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id);
    UPDATE provisioning_requests SET
        status = 'rolled_back', finished_at = clock_timestamp(), problem = jsonb_build_object('reason', p_reason)
    WHERE id = p_request_id;
    INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
    VALUES (p_employee_id, coalesce((SELECT name FROM employees WHERE id = p_employee_id), 'operator'), 'tenant.rolled_back',
            'tenant', v_tenant.id, p_request_id, to_jsonb(v_tenant), jsonb_build_object('reason', p_reason));
    RETURN 'rolled_back';
END $$;

-- Ends requests that have been `processing` for longer than `p_older_than`; returns their ids.
-- The atomic core leaves none; this is for rows that other hands made. Never touches a tenant.
CREATE FUNCTION cleanup_stuck_provisions(p_older_than interval) RETURNS SETOF uuid
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_id uuid;
BEGIN
    FOR v_id IN
        SELECT id FROM provisioning_requests
        WHERE status = 'processing' AND created_at < now() - p_older_than FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM mark_provisioning_failed(v_id, 'TIMEOUT', 'stuck: ended by clean-up');
        RETURN NEXT v_id;
    END LOOP;
END $$;
