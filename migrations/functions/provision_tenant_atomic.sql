-- Creates the tenant that `p_payload` describes, exactly once for an idempotency key (docs/specification.md,
-- section 4). Creates everything or nothing.
--
-- Reports every failure in its result instead of raising it. The result is {"outcome": …} with one of:
--   created   and `response`: this call created the tenant
--   replayed  and `response`: an earlier call with the same key and payload created the tenant
--   failed    and `problem`, `sqlstate`, `message`, `stage`: nothing was created, the attempt is recorded
--   REQUEST_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, DUPLICATE_REQUEST: no attempt began, because the request of the key
--     is running, has another payload, or no longer has its tenant
--   UNAUTHENTICATED, FORBIDDEN: the caller may not provision; nothing is recorded
-- Every result also has `request_id`, except when another call holds the key or the caller may not provision.
--
-- The caller is `p_employee_id` or, if this ID is null, the employee of the admin token with the hash `p_token_hash`.
--
-- p_payload   {name, slug, plan, timeZone, currency, owner {name, email, emailCanonical}, blueprint, theme,
--             commissionBasisPoints, shortName, industry, externalId, settings, branding}, without secrets. The members
--             from `shortName` on are optional.
-- p_defaults  {settings {companyName, supportEmail, supportPhone, websiteUrl, locale, emailFromName,
--             emailFromAddress}, branding {logoUrl, colorPrimary, colorSecondary, colorAccent}, segment {id, slug,
--             name, heroTitle, description, sortOrder}, packages [{id, slug, name, description, basePrice,
--             bookingType, groupingOrder}], steps [{name, connector, state}]}, from the crate `domain`. For a sign-up,
--             also {needsApproval}, and {useExistingAccount: true}: the owner's account may exist, if it has no
--             password. For a tenant of the earlier system, also {adoption: true}: the owner's account may exist, and
--             the slugs and addresses of the earlier system are not taken. For an import, also {import}, the argument
--             of `store_import`.
-- The engine chooses the IDs and passes the hashes of the secrets.
--
-- If `p_owner_id` is null, the tenant has no owner: it is `pending_activation`, or `setup_incomplete` if it is
-- imported. Its job is blocked, and there is no invitation.
--
-- p_mail      {id, origin, wrappedKey, ciphertext} of the mail with the invitation: the values of `enqueue_message`,
--             the bytes in base64. Null for no mail; servers of an earlier version do not pass it.
-- p_client_address  the network address of the client, for the audit log; null if it is unknown
CREATE OR REPLACE FUNCTION provision_tenant_atomic(
    p_employee_id uuid,
    p_token_hash bytea,
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
    p_invitation_life interval,
    p_mail jsonb DEFAULT NULL,
    p_client_address text DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_started timestamptz := clock_timestamp();
    v_stages jsonb := jsonb_build_array(jsonb_build_object('stage', 'received', 'offsetMs', 0));
    v_actor jsonb := authorize_provisioning(p_employee_id, p_token_hash);
    v_request provisioning_requests;
    v_job_state text := initial_job_state(p_defaults -> 'steps');
    v_status text := CASE v_job_state WHEN 'pending' THEN 'provisioning' ELSE 'active' END;
    v_owner_id uuid := p_owner_id;
    v_is_adoption boolean := coalesce((p_defaults ->> 'adoption')::boolean, false);
    v_with_earlier_system boolean := NOT v_is_adoption AND may_have_earlier_system();
    v_needs_approval boolean := coalesce((p_defaults ->> 'needsApproval')::boolean, false);
    v_invitation_expires timestamptz;
    v_job_id uuid;
    v_number bigint;
    v_code text;
    v_sqlstate text;
    v_constraint text;
    v_message text;
    v_detail text;
BEGIN
    IF v_actor ? 'outcome' THEN
        RETURN v_actor;
    END IF;
    v_request := begin_attempt(
        (v_actor ->> 'id')::uuid, p_idempotency_key, p_fingerprint, p_request_id, p_payload, v_started);
    IF v_request.status IS NOT NULL THEN
        RETURN repeated_key_outcome(v_request, p_fingerprint);
    END IF;
    v_stages := v_stages || stage_time('authorized', v_started);

    -- An error in this block rolls back everything that the block created. `v_stages` keeps its value.
    BEGIN
        IF v_is_adoption THEN
            v_owner_id := coalesce(account_of_owner(p_payload #>> '{owner,emailCanonical}'), p_owner_id);
        ELSIF v_with_earlier_system THEN
            PERFORM wait_for_earlier_system();
        END IF;
        IF (p_defaults ->> 'useExistingAccount')::boolean THEN
            v_owner_id := coalesce(account_without_password(p_payload #>> '{owner,emailCanonical}'), p_owner_id);
        END IF;
        PERFORM validate_provisioning(
            CASE WHEN v_owner_id = p_owner_id THEN p_payload ELSE p_payload #- '{owner,emailCanonical}' END,
            v_with_earlier_system);
        v_stages := v_stages || stage_time('validated', v_started);

        v_number := nextval('tenant_number_seq');
        v_code := tenant_code(v_number);
        v_stages := v_stages || stage_time('reserved', v_started);

        IF p_owner_id IS NULL OR v_needs_approval THEN
            v_status := CASE WHEN p_defaults ? 'import' THEN 'setup_incomplete' ELSE 'pending_activation' END;
            v_job_state := CASE v_job_state WHEN 'pending' THEN 'blocked' ELSE v_job_state END;
        END IF;
        IF p_owner_id IS NULL THEN
            v_stages := v_stages || (stage_time('owner_created', v_started) || '{"notApplicable": true}');
        ELSE
            IF v_owner_id = p_owner_id THEN
                INSERT INTO users (id, email, email_canonical, name, created_by_request)
                VALUES (p_owner_id, p_payload #>> '{owner,email}', p_payload #>> '{owner,emailCanonical}',
                        p_payload #>> '{owner,name}', v_request.id);
            END IF;
            v_stages := v_stages || stage_time('owner_created', v_started);
        END IF;

        INSERT INTO tenants (id, code, slug, name, short_name, industry, external_id, status, plan, blueprint,
                             commission_basis_points, owner_id, owner_email, created_by, request_id, created_at,
                             activated_at, awaits_approval)
        VALUES (p_tenant_id, v_code, p_payload ->> 'slug', p_payload ->> 'name', p_payload ->> 'shortName',
                p_payload ->> 'industry', p_payload ->> 'externalId', v_status, p_payload ->> 'plan',
                p_payload ->> 'blueprint', (p_payload ->> 'commissionBasisPoints')::integer, v_owner_id,
                CASE WHEN v_owner_id = p_owner_id THEN lower(p_payload #>> '{owner,email}') END,
                (v_actor ->> 'id')::uuid, v_request.id, v_started, CASE v_status WHEN 'active' THEN v_started END,
                v_needs_approval);
        IF p_owner_id IS NOT NULL THEN
            INSERT INTO memberships (tenant_id, user_id, role) VALUES (p_tenant_id, v_owner_id, 'owner');
        END IF;
        v_stages := v_stages || stage_time('tenant_created', v_started);

        PERFORM create_tenant_defaults(p_tenant_id, p_payload, p_defaults);
        IF p_defaults ? 'import' THEN
            PERFORM store_import(p_tenant_id, p_defaults -> 'import');
        END IF;
        INSERT INTO api_keys (tenant_id, public_key, secret_hash) VALUES (p_tenant_id, p_public_key, p_secret_hash);
        v_stages := v_stages || stage_time('defaults_created', v_started);

        IF NOT tenant_is_complete(p_tenant_id, jsonb_array_length(p_defaults -> 'packages')) THEN
            RAISE EXCEPTION 'the tenant is not complete' USING ERRCODE = 'internal_error';
        END IF;
        v_stages := v_stages || stage_time('verified', v_started);

        v_job_id := enqueue_job(
            'provisioning', v_request.id, p_tenant_id, true, '{}', p_defaults -> 'steps', v_started);
        IF v_status IN ('pending_activation', 'setup_incomplete') THEN
            UPDATE jobs SET state = v_job_state WHERE id = v_job_id;
        END IF;
        IF p_owner_id IS NOT NULL THEN
            v_invitation_expires := v_started + p_invitation_life;
            INSERT INTO one_time_tokens (token_hash, purpose, user_id, tenant_id, expires_at)
            VALUES (p_invitation_hash, 'owner_invitation', v_owner_id, p_tenant_id, v_invitation_expires);
            IF p_mail IS NOT NULL THEN
                PERFORM enqueue_message(
                    (p_mail ->> 'id')::uuid, p_tenant_id, v_owner_id, p_payload #>> '{owner,name}',
                    p_payload #>> '{owner,email}', p_mail ->> 'origin',
                    jsonb_build_object('kind', 'invitation', 'tenantName', p_payload ->> 'name', 'role', 'owner',
                                       'invitedBy', NULL, 'expiresAt', rfc3339(v_invitation_expires)),
                    p_invitation_hash, decode(p_mail ->> 'wrappedKey', 'base64'),
                    decode(p_mail ->> 'ciphertext', 'base64'), v_invitation_expires, v_status <> 'active');
            END IF;
        END IF;
        INSERT INTO audit_log (
            actor_id, actor_name, client_address, action, subject_kind, subject_id, request_id, after)
        VALUES ((v_actor ->> 'id')::uuid, v_actor ->> 'name', p_client_address, 'tenant.provisioned', 'tenant',
                p_tenant_id, v_request.id, p_payload || jsonb_build_object('code', v_code));
        v_stages := v_stages || stage_time('queued', v_started);

        RETURN record_completed_attempt(
            v_request, p_tenant_id, v_code, p_payload, p_defaults, p_public_key, v_status, v_job_state, v_started,
            v_invitation_expires, v_stages);
    EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
        GET STACKED DIAGNOSTICS
            v_sqlstate = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME,
            v_message = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL;
    END;
    RETURN record_failed_attempt(
        v_request, p_payload, v_started, v_stages, v_sqlstate, nullif(v_constraint, ''), v_message, v_detail);
END $$;
