-- Finds what identifies the person with a canonical e-mail address: the account and the employee, the former addresses
-- of the account, the names under which the person is stored, and the requests whose owner is the person. Also finds a
-- person without an account. `p_spellings` are other spellings of the address. The pseudonym is null.
CREATE OR REPLACE FUNCTION person_of_address(p_email_canonical text, p_spellings text[]) RETURNS identified_person
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_person identified_person;
BEGIN
    SELECT u.id, e.id INTO v_person.user_id, v_person.employee_id
    FROM users u LEFT JOIN employees e ON e.user_id = u.id WHERE u.email_canonical = p_email_canonical;
    v_person.ids := array_remove(ARRAY[v_person.user_id, v_person.employee_id], NULL)
        || ARRAY(SELECT services_of(v_person.employee_id) WHERE v_person.employee_id IS NOT NULL);
    -- A former address may belong to another account today.
    v_person.addresses := ARRAY(
        SELECT DISTINCT lower(address) FROM (
            SELECT unnest(p_email_canonical || p_spellings) AS address
            UNION SELECT recipient_address FROM outbox_messages WHERE user_id = v_person.user_id
            UNION SELECT new_email FROM address_changes WHERE user_id = v_person.user_id
            UNION SELECT invited_email FROM memberships WHERE user_id = v_person.user_id
            UNION SELECT owner ->> 'email' FROM audit_log entry,
                unnest(ARRAY[entry.before -> 'owner', entry.after -> 'owner']) owner
            WHERE v_person.user_id IS NOT NULL AND owner ->> 'id' = v_person.user_id::text) known
        WHERE address ~ '@' AND NOT EXISTS (
            SELECT FROM users u WHERE u.email_canonical = lower(address) AND u.id IS DISTINCT FROM v_person.user_id));
    v_person.addresses := v_person.addresses
        || ARRAY(SELECT replace(address, '@', '%40') FROM unnest(v_person.addresses) address);
    v_person.request_ids := ARRAY(
        SELECT id FROM provisioning_requests
        WHERE owner_email = ANY (v_person.addresses)
            OR lower(payload #>> '{owner,emailCanonical}') = ANY (v_person.addresses)
            OR lower(payload #>> '{owner,email}') = ANY (v_person.addresses));
    v_person.unused_request_ids := ARRAY(
        SELECT r.id FROM provisioning_requests r LEFT JOIN tenants t ON t.id = r.tenant_id
        WHERE r.id = ANY (v_person.request_ids)
            AND (t.id IS NULL OR (t.status = 'deleted' AND t.owner_id IS NOT DISTINCT FROM v_person.user_id)));
    v_person.phones := ARRAY(
        SELECT DISTINCT phone FROM (
            SELECT phone #>> '{}' AS phone FROM provisioning_requests,
                jsonb_path_query(payload, 'lax $.**.supportPhone') phone
            WHERE id = ANY (v_person.unused_request_ids)
            UNION SELECT s.support_phone FROM tenant_settings s JOIN tenants t ON t.id = s.tenant_id
            WHERE t.owner_id = v_person.user_id AND t.status = 'deleted') known
        WHERE length(phone) >= 3);
    v_person.names := ARRAY(
        SELECT DISTINCT lower(trim(name)) FROM (
            SELECT u.name FROM users u WHERE u.id = v_person.user_id
            UNION SELECT e.name FROM employees e WHERE e.id = v_person.employee_id
            UNION SELECT invited_name FROM memberships WHERE user_id = v_person.user_id
            UNION SELECT s.name FROM sign_ups s WHERE s.email_canonical = ANY (v_person.addresses)
            UNION SELECT recipient_name FROM outbox_messages
            WHERE user_id = v_person.user_id OR lower(recipient_address) = ANY (v_person.addresses)
            UNION SELECT payload #>> '{owner,name}' FROM provisioning_requests WHERE id = ANY (v_person.request_ids)
            UNION SELECT member ->> 'name' FROM tenant_imported_values, jsonb_array_elements(pending_members) member
            WHERE lower(member ->> 'email') = ANY (v_person.addresses)
            UNION SELECT side ->> 'name' FROM audit_log entry, unnest(ARRAY[entry.before, entry.after]) side
            WHERE entry.subject_id IN (v_person.user_id, v_person.employee_id)
                OR lower(side ->> 'email') = ANY (v_person.addresses)
            UNION SELECT side #>> '{owner,name}' FROM audit_log entry, unnest(ARRAY[entry.before, entry.after]) side
            WHERE lower(side #>> '{owner,email}') = ANY (v_person.addresses)) known
        WHERE length(trim(name)) >= 2 AND lower(trim(name)) NOT IN ('erased person', 'redacted'));
    RETURN v_person;
END $$;
