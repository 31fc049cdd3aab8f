-- The atomic core (SPEC section 4): a whole tenant or none, in one call.

-- The error code of an SQLSTATE; the same table as the one in the domain (a test compares them).
-- TN001 to TN003 are raised by the core itself, which also knows an unknown time zone.
CREATE FUNCTION provisioning_error_code(p_sqlstate text, p_constraint text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_sqlstate = 'TN001' THEN 'FORBIDDEN'
        WHEN p_sqlstate = 'TN002' THEN 'DUPLICATE_SLUG'
        WHEN p_sqlstate = 'TN003' THEN 'EMAIL_UNAVAILABLE'
        WHEN p_sqlstate = '23505' AND p_constraint = 'tenants_slug_key' THEN 'DUPLICATE_SLUG'
        WHEN p_sqlstate = '23505' AND p_constraint = 'users_email_key' THEN 'EMAIL_UNAVAILABLE'
        WHEN p_sqlstate = '23505' THEN 'DUPLICATE_KEY'
        WHEN p_sqlstate = '23503' THEN 'FOREIGN_KEY_VIOLATION'
        WHEN p_sqlstate IN ('23514', '23502', 'P0001') THEN 'CONSTRAINT_VIOLATION'
        WHEN p_sqlstate = '40001' THEN 'SERIALIZATION_FAILURE'
        WHEN p_sqlstate = '40P01' THEN 'DEADLOCK'
        WHEN p_sqlstate = '57014' THEN 'TIMEOUT'
        WHEN p_sqlstate = '55P03' THEN 'LOCK_TIMEOUT'
        WHEN p_sqlstate IN ('25006', '53300', '57P01', '57P02', '57P03') OR left(p_sqlstate, 2) IN ('08', '28', '3D') THEN 'DATABASE_UNAVAILABLE'
        WHEN p_sqlstate IN ('3F000', '42883', '42P01', '42703') THEN 'SCHEMA_OUT_OF_DATE'
        ELSE 'PROVISIONING_FAILED'
    END
$$;

-- Makes the tenant that `p_payload` describes, exactly once for (employee, key).
--
-- Never raises for what it can tell: returns {"outcome": …} with one of
--   created            and `response`: the tenant was made by this very call
--   replayed           and `response`: it was made before, by the same key and payload
--   failed             and `code`, `constraint`, `stage`, …: nothing was made, the attempt is on record
--   REQUEST_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, DUPLICATE_REQUEST, FORBIDDEN: nothing was run
--
-- p_payload   {name, slug, plan, timeZone, currency, owner {name, email, emailCanonical},
--             blueprint, theme, commissionBasisPoints}: what was asked for, without secrets
-- p_defaults  {segment {slug, name}, packages [{slug, name, basePrice, position}],
--             steps [{name, state}]}: from the domain's one list
-- The ids and hashes are chosen by the caller before the call: nothing here is a placeholder.
CREATE FUNCTION provision_tenant_atomic(
    p_employee_id uuid,
    p_idempotency_key uuid,
    p_fingerprint bytea,
    p_request_id uuid,
    p_tenant_id uuid,
    p_owner_id uuid,
    p_payload jsonb,
    p_defaults jsonb,
    p_public_key text,
    p_secret_hash bytea,
    p_invitation_hash bytea,
    p_invitation_life interval
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_started timestamptz := clock_timestamp();
    v_finished timestamptz;
    v_lock_timeout text := current_setting('lock_timeout');
    v_request provisioning_requests;
    v_claimed boolean;
    v_marks jsonb := jsonb_build_array(jsonb_build_object('stage', 'received', 'offsetMs', 0));
    v_actor employees;
    v_code text;
    v_segment_id uuid;
    v_job_id uuid;
    v_job_state text;
    v_response jsonb;
    v_conflict record;
    v_conflict_json jsonb;
    v_email_reason text;
    v_checking_zone boolean := false;
    v_making_owner boolean := false;
    v_sqlstate text;
    v_constraint text;
    v_message text;
    v_error_code text;
BEGIN
    -- 1. Claim the key. A call with the same key that is still running is waited for, 2 s at most.
    BEGIN
        PERFORM set_config('lock_timeout', '2s', true);
        INSERT INTO provisioning_requests (id, employee_id, idempotency_key, fingerprint, status, payload, slug, name, owner_email, created_at)
        VALUES (p_request_id, p_employee_id, p_idempotency_key, p_fingerprint, 'processing', p_payload,
                p_payload ->> 'slug', p_payload ->> 'name', p_payload #>> '{owner,emailCanonical}', v_started)
        ON CONFLICT ON CONSTRAINT requests_key_key DO NOTHING;
        v_claimed := FOUND;
        IF v_claimed THEN
            v_request.id := p_request_id;
            v_request.attempt := 1;
        ELSE
            SELECT * INTO STRICT v_request FROM provisioning_requests
            WHERE employee_id = p_employee_id AND operation = 'provision_tenant' AND idempotency_key = p_idempotency_key
            FOR UPDATE;
        END IF;
        PERFORM set_config('lock_timeout', v_lock_timeout, true);
    EXCEPTION WHEN lock_not_available THEN
        RETURN jsonb_build_object('outcome', 'REQUEST_IN_PROGRESS');
    END;

    SELECT * INTO v_actor FROM employees
    WHERE id = p_employee_id AND status = 'active' AND role IN ('SUPER_ADMIN', 'ADMIN');

    IF NOT v_claimed THEN
        IF v_request.status <> 'failed' THEN
            RETURN jsonb_build_object('request_id', v_request.id) || CASE
                WHEN v_actor.id IS NULL THEN jsonb_build_object('outcome', 'FORBIDDEN')
                WHEN v_request.status = 'processing' THEN jsonb_build_object('outcome', 'REQUEST_IN_PROGRESS')
                WHEN NOT request_is_live(v_request) THEN jsonb_build_object('outcome', 'DUPLICATE_REQUEST')
                WHEN v_request.fingerprint IS DISTINCT FROM p_fingerprint THEN jsonb_build_object('outcome', 'IDEMPOTENCY_KEY_REUSED')
                ELSE jsonb_build_object('outcome', 'replayed', 'response', v_request.response)
            END;
        END IF;
        UPDATE provisioning_requests SET
            status = 'processing', attempt = attempt + 1, payload = p_payload, fingerprint = p_fingerprint,
            slug = p_payload ->> 'slug', name = p_payload ->> 'name', owner_email = p_payload #>> '{owner,emailCanonical}',
            code = NULL, problem = NULL, finished_at = NULL, elapsed_ms = NULL
        WHERE id = v_request.id RETURNING * INTO v_request;
    END IF;

    -- 2. Make all of it, or, by leaving this block with an error, none of it.
    BEGIN
        IF v_actor.id IS NULL THEN
            RAISE EXCEPTION 'the role does not allow provisioning' USING ERRCODE = 'TN001';
        END IF;
        v_marks := v_marks || stage_mark('authorized', v_started);

        SELECT * INTO v_conflict FROM check_owner_email_availability(p_payload #>> '{owner,emailCanonical}');
        IF NOT v_conflict.available THEN
            v_email_reason := v_conflict.reason;
            v_conflict_json := jsonb_build_object('code', v_conflict.conflict_code, 'name', v_conflict.conflict_name);
            RAISE EXCEPTION 'the e-mail is in use' USING ERRCODE = 'TN003', CONSTRAINT = 'users_email_key';
        END IF;
        SELECT * INTO v_conflict FROM check_slug_availability(p_payload ->> 'slug', '{}');
        IF NOT v_conflict.available THEN
            v_conflict_json := jsonb_build_object('code', v_conflict.conflict_code, 'name', v_conflict.conflict_name);
            RAISE EXCEPTION 'the slug is taken' USING ERRCODE = 'TN002', CONSTRAINT = 'tenants_slug_key';
        END IF;
        -- An unknown zone raises 22023.
        v_checking_zone := true;
        PERFORM v_started AT TIME ZONE (p_payload ->> 'timeZone');
        v_checking_zone := false;
        v_marks := v_marks || stage_mark('validated', v_started);

        v_code := tenant_code(nextval('tenant_number_seq'));
        v_marks := v_marks || stage_mark('reserved', v_started);

        v_making_owner := true;
        INSERT INTO users (id, email, email_canonical, name, created_by_request)
        VALUES (p_owner_id, p_payload #>> '{owner,email}', p_payload #>> '{owner,emailCanonical}', p_payload #>> '{owner,name}', v_request.id);
        v_making_owner := false;
        v_marks := v_marks || stage_mark('owner_created', v_started);

        INSERT INTO tenants (id, code, slug, name, status, plan, blueprint, commission_basis_points, owner_id, created_by, request_id, activated_at)
        SELECT p_tenant_id, v_code, p_payload ->> 'slug', p_payload ->> 'name',
            CASE WHEN jsonb_path_exists(p_defaults, '$.steps[*] ? (@.state == "pending")') THEN 'provisioning' ELSE 'active' END,
            p_payload ->> 'plan', p_payload ->> 'blueprint', (p_payload ->> 'commissionBasisPoints')::integer,
            p_owner_id, v_actor.id, v_request.id, v_started;
        INSERT INTO memberships (tenant_id, user_id, role) VALUES (p_tenant_id, p_owner_id, 'owner');
        v_marks := v_marks || stage_mark('tenant_created', v_started);

        INSERT INTO tenant_settings (tenant_id, time_zone, currency)
        VALUES (p_tenant_id, p_payload ->> 'timeZone', p_payload ->> 'currency');
        INSERT INTO tenant_branding (tenant_id, theme) VALUES (p_tenant_id, p_payload ->> 'theme');
        INSERT INTO segments (tenant_id, slug, name)
        VALUES (p_tenant_id, p_defaults #>> '{segment,slug}', p_defaults #>> '{segment,name}') RETURNING id INTO v_segment_id;
        INSERT INTO packages (tenant_id, segment_id, slug, name, base_price, position)
        SELECT p_tenant_id, v_segment_id, p.slug, p.name, p."basePrice", p.position
        FROM jsonb_to_recordset(p_defaults -> 'packages') AS p (slug text, name text, "basePrice" bigint, position integer);
        INSERT INTO api_keys (tenant_id, public_key, secret_hash) VALUES (p_tenant_id, p_public_key, p_secret_hash);
        v_marks := v_marks || stage_mark('defaults_created', v_started);

        IF NOT tenant_is_complete(p_tenant_id, jsonb_array_length(p_defaults -> 'packages')) THEN
            RAISE EXCEPTION 'the tenant is not whole' USING ERRCODE = 'internal_error';
        END IF;
        v_marks := v_marks || stage_mark('verified', v_started);

        SELECT CASE WHEN bool_or(step ->> 'state' = 'pending') THEN 'pending' ELSE 'skipped' END
        INTO v_job_state FROM jsonb_array_elements(p_defaults -> 'steps') AS step;
        INSERT INTO jobs (request_id, tenant_id, state, finished_at)
        VALUES (v_request.id, p_tenant_id, v_job_state, CASE v_job_state WHEN 'skipped' THEN v_started END) RETURNING id INTO v_job_id;
        INSERT INTO job_steps (job_id, position, name, state)
        SELECT v_job_id, step.place, step.value ->> 'name', step.value ->> 'state'
        FROM jsonb_array_elements(p_defaults -> 'steps') WITH ORDINALITY AS step (value, place);
        INSERT INTO one_time_tokens (token_hash, purpose, user_id, tenant_id, expires_at)
        VALUES (p_invitation_hash, 'owner_invitation', p_owner_id, p_tenant_id, v_started + p_invitation_life);
        INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, after)
        VALUES (v_actor.id, v_actor.name, 'tenant.provisioned', 'tenant', p_tenant_id, v_request.id, p_payload || jsonb_build_object('code', v_code));
        v_marks := v_marks || stage_mark('queued', v_started);

        v_finished := clock_timestamp();
        v_marks := v_marks || stage_mark('completed', v_started);
        v_response := jsonb_build_object(
            'requestId', v_request.id,
            'tenant', jsonb_build_object(
                'id', p_tenant_id, 'code', v_code, 'slug', p_payload ->> 'slug', 'name', p_payload ->> 'name',
                'status', CASE v_job_state WHEN 'pending' THEN 'provisioning' ELSE 'active' END,
                'apiKeyPublic', p_public_key,
                'commissionPercent', trim_scale((p_payload ->> 'commissionBasisPoints')::numeric / 100),
                'isActive', v_job_state <> 'pending',
                'createdAt', rfc3339(v_started)),
            'owner', jsonb_build_object(
                'name', p_payload #>> '{owner,name}', 'email', p_payload #>> '{owner,email}',
                'invitationExpiresAt', rfc3339(v_started + p_invitation_life)),
            'secretKey', NULL, 'secretKeyRevealed', false,
            'segment', p_defaults -> 'segment',
            'packages', p_defaults -> 'packages',
            'pipeline', jsonb_build_object('state', v_job_state, 'steps', p_defaults -> 'steps'),
            'stages', v_marks);
        UPDATE provisioning_requests SET
            status = 'completed', response = v_response, tenant_id = p_tenant_id, tenant_code = v_code,
            finished_at = v_finished, elapsed_ms = extract(epoch FROM v_finished - v_started) * 1000
        WHERE id = v_request.id;
        INSERT INTO provisioning_attempts (request_id, number, status, stages, started_at, finished_at)
        VALUES (v_request.id, v_request.attempt, 'completed', v_marks, v_started, v_finished);
        RETURN jsonb_build_object('outcome', 'created', 'request_id', v_request.id, 'response', v_response);
    EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
        GET STACKED DIAGNOSTICS
            v_sqlstate = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME, v_message = MESSAGE_TEXT;
    END;

    -- 3. Nothing was made. Keep the attempt, with its cause.
    v_constraint := nullif(v_constraint, '');
    v_error_code := provisioning_error_code(v_sqlstate, v_constraint);
    IF v_checking_zone AND v_sqlstate = '22023' THEN
        v_error_code := 'VALIDATION_ERROR';
    ELSIF v_making_owner AND v_error_code = 'PROVISIONING_FAILED' THEN
        v_error_code := 'OWNER_CREATION_FAILED';
    END IF;
    IF v_conflict_json ->> 'code' IS NULL THEN
        v_conflict_json := NULL;
    END IF;
    v_finished := clock_timestamp();
    v_response := jsonb_build_object(
        'code', v_error_code, 'requestId', v_request.id, 'attempt', v_request.attempt, 'constraint', v_constraint,
        'conflict', v_conflict_json, 'emailReason', v_email_reason,
        'subject', CASE v_error_code
            WHEN 'DUPLICATE_SLUG' THEN p_payload ->> 'slug'
            WHEN 'EMAIL_UNAVAILABLE' THEN p_payload #>> '{owner,email}' END);
    UPDATE provisioning_requests SET
        status = 'failed', code = v_error_code, problem = v_response,
        finished_at = v_finished, elapsed_ms = extract(epoch FROM v_finished - v_started) * 1000
    WHERE id = v_request.id;
    INSERT INTO provisioning_attempts (request_id, number, status, code, constraint_name, message, stages, started_at, finished_at)
    VALUES (v_request.id, v_request.attempt, 'failed', v_error_code, v_constraint, v_sqlstate || ': ' || v_message, v_marks, v_started, v_finished);
    RETURN jsonb_build_object('outcome', 'failed', 'request_id', v_request.id, 'problem', v_response,
        'sqlstate', v_sqlstate, 'message', v_message, 'stage', v_marks -> -1 ->> 'stage');
END $$;

-- TEN-00000001 upward; more digits where eight do not do.
CREATE FUNCTION tenant_code(p_number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'TEN-' || lpad(p_number::text, greatest(8, length(p_number::text)), '0')
$$;

-- Whether what a completed request made is still there: neither rolled back nor deleted.
CREATE FUNCTION request_is_live(p_request provisioning_requests) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN p_request.status = 'completed'
       AND EXISTS (SELECT FROM tenants WHERE id = p_request.tenant_id AND status <> 'deleted');
END $$;

-- {"stage": …, "offsetMs": …}: the stage and the milliseconds since `p_started`, at this moment.
CREATE FUNCTION stage_mark(p_stage text, p_started timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('stage', p_stage, 'offsetMs', round(extract(epoch FROM clock_timestamp() - p_started) * 1000, 3))
$$;

-- A moment as the API writes it: RFC 3339, UTC, milliseconds.
CREATE FUNCTION rfc3339(p_moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Whether everything that makes a tenant whole is there (its job apart).
CREATE FUNCTION tenant_is_complete(p_tenant_id uuid, p_packages integer) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM tenants t JOIN memberships m ON m.tenant_id = t.id AND m.user_id = t.owner_id AND m.role = 'owner'
                   WHERE t.id = p_tenant_id)
       AND EXISTS (SELECT FROM tenant_settings WHERE tenant_id = p_tenant_id)
       AND EXISTS (SELECT FROM tenant_branding WHERE tenant_id = p_tenant_id)
       AND EXISTS (SELECT FROM segments WHERE tenant_id = p_tenant_id)
       AND EXISTS (SELECT FROM api_keys WHERE tenant_id = p_tenant_id)
       AND (SELECT count(*) FROM packages WHERE tenant_id = p_tenant_id) >= p_packages;
END $$;

-- Keeps an attempt that was refused before the core ran (fields at fault, a quota). The key is
-- not used up: the request is `failed` and runs again. Answers {"request_id": …, "attempt": …}, or
-- `outcome` where the key is not free to be tried: it runs, or it made (or once made) a tenant.
CREATE FUNCTION record_refused_attempt(
    p_employee_id uuid, p_idempotency_key uuid, p_request_id uuid, p_payload jsonb, p_code text, p_problem jsonb
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_request provisioning_requests;
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    INSERT INTO provisioning_requests AS r (id, employee_id, idempotency_key, status, payload, slug, name, owner_email, code, problem, created_at, finished_at, elapsed_ms)
    VALUES (p_request_id, p_employee_id, p_idempotency_key, 'failed', p_payload,
            coalesce(p_payload ->> 'slug', ''), coalesce(p_payload ->> 'name', ''), lower(coalesce(p_payload #>> '{owner,email}', '')),
            p_code, p_problem, v_now, v_now, 0)
    ON CONFLICT ON CONSTRAINT requests_key_key DO UPDATE SET
        attempt = r.attempt + 1, payload = excluded.payload, slug = excluded.slug, name = excluded.name,
        owner_email = excluded.owner_email, code = excluded.code, problem = excluded.problem, finished_at = v_now, elapsed_ms = 0
        WHERE r.status = 'failed'
    RETURNING * INTO v_request;
    IF NOT FOUND THEN
        SELECT * INTO STRICT v_request FROM provisioning_requests
        WHERE employee_id = p_employee_id AND operation = 'provision_tenant' AND idempotency_key = p_idempotency_key;
        RETURN jsonb_build_object('request_id', v_request.id, 'outcome', CASE
            WHEN v_request.status = 'processing' THEN 'REQUEST_IN_PROGRESS'
            WHEN request_is_live(v_request) THEN 'IDEMPOTENCY_KEY_REUSED'
            ELSE 'DUPLICATE_REQUEST' END);
    END IF;
    INSERT INTO provisioning_attempts (request_id, number, status, code, stages, started_at, finished_at)
    VALUES (v_request.id, v_request.attempt, 'failed', p_code, jsonb_build_array(jsonb_build_object('stage', 'received', 'offsetMs', 0)), v_now, v_now);
    RETURN jsonb_build_object('request_id', v_request.id, 'attempt', v_request.attempt);
EXCEPTION WHEN lock_not_available THEN
    RETURN jsonb_build_object('outcome', 'REQUEST_IN_PROGRESS');
END $$;
