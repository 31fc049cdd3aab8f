-- Returns the ID of the account with this canonical e-mail address, if the account has no password and is not an
-- employee's. Only a person who can read the mail of the address may get the account. Locks the account, so that it
-- gets no password before the end of the transaction.
CREATE OR REPLACE FUNCTION account_without_password(p_email_canonical text) RETURNS uuid
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_user_id uuid;
BEGIN
    SELECT id INTO v_user_id FROM users u
    WHERE email_canonical = p_email_canonical AND password_hash IS NULL
        AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id)
    FOR NO KEY UPDATE;
    RETURN v_user_id;
END $$;
