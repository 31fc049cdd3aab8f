-- Ends the sessions, the links and the tokens of a person, deletes what waits for the person, and replaces the person's
-- data in the account and the employee. Returns the number of changed rows by table. The caller has locked the rows.
CREATE OR REPLACE FUNCTION end_access_of_person(
    p_person identified_person, p_account_hashes bytea[], p_actor_id uuid, p_actor_name text, p_client_address text
) RETURNS TABLE (place text, changed bigint) LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_address text := p_person.pseudonym || '@erased.invalid';
BEGIN
    RETURN QUERY WITH deleted AS (DELETE FROM sessions WHERE user_id = p_person.user_id RETURNING 1)
    SELECT 'sessions', count(*) FROM deleted;
    RETURN QUERY WITH deleted AS (DELETE FROM one_time_tokens WHERE user_id = p_person.user_id RETURNING 1)
    SELECT 'one_time_tokens', count(*) FROM deleted;
    RETURN QUERY WITH deleted AS (
        DELETE FROM address_changes
        WHERE user_id = p_person.user_id OR new_email_canonical = ANY (p_person.addresses) RETURNING 1)
    SELECT 'address_changes', count(*) FROM deleted;
    RETURN QUERY WITH deleted AS (
        DELETE FROM sign_ups WHERE email_canonical = ANY (p_person.addresses) RETURNING 1)
    SELECT 'sign_ups', count(*) FROM deleted;
    RETURN QUERY WITH deleted AS (
        DELETE FROM sign_in_failures WHERE account_hash = ANY (p_account_hashes) RETURNING 1)
    SELECT 'sign_in_failures', count(*) FROM deleted;
    UPDATE outbox_messages SET
        status = 'cancelled', error = 'The recipient was erased.', finished_at = clock_timestamp(),
        wrapped_key = NULL, ciphertext = NULL
    WHERE (user_id = p_person.user_id OR lower(recipient_address) = ANY (p_person.addresses))
        AND status IN ('held', 'pending') AND transmission_id IS NULL;
    DELETE FROM jobs j USING outbox_messages m
    WHERE (m.user_id = p_person.user_id OR lower(m.recipient_address) = ANY (p_person.addresses))
        AND m.status IN ('failed', 'unconfirmed') AND j.id = m.job_id AND j.state = 'dead';
    WITH revoked AS (
        UPDATE admin_tokens SET revoked_at = now()
        WHERE employee_id = ANY (p_person.ids) AND revoked_at IS NULL RETURNING employee_id)
    INSERT INTO audit_log (actor_id, actor_name, client_address, action, subject_kind, subject_id, before)
    SELECT p_actor_id, p_actor_name, p_client_address, 'token.revoked', 'employee', e.id,
           jsonb_build_object('name', e.name, 'role', e.role)
    FROM revoked r JOIN employees e ON e.id = r.employee_id;
    RETURN QUERY WITH changed AS (
        UPDATE employees SET
            status = 'disabled',
            name = CASE kind WHEN 'person' THEN 'Erased person' ELSE erased_text(name, p_person, true, '') END,
            idempotency_key = CASE kind WHEN 'service' THEN idempotency_key END,
            fingerprint = CASE kind WHEN 'service' THEN fingerprint END
        WHERE id = ANY (p_person.ids) RETURNING 1)
    SELECT 'employees', count(*) FROM changed;
    RETURN QUERY WITH changed AS (
        UPDATE employees SET name = erased_text(name, p_person, true, '')
        WHERE kind = 'service' AND built_in IS NULL AND erased_text(name, p_person, true, '') <> name RETURNING 1)
    SELECT 'employees', count(*) FROM changed;
    RETURN QUERY WITH changed AS (
        UPDATE users SET
            email = v_address, email_canonical = v_address, name = 'Erased person', password_hash = NULL,
            created_by_request = CASE WHEN EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id)
                THEN created_by_request END
        WHERE id = p_person.user_id RETURNING 1)
    SELECT 'users', count(*) FROM changed;
    -- A trigger has copied the address to the tenants of the account.
    RETURN QUERY SELECT 'tenants', count(*) FROM tenants WHERE owner_id = p_person.user_id;
END $$;
