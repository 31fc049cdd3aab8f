-- Returns the ID of the account with this canonical e-mail address, unless the account is an employee's. Locks the
-- account until the end of the transaction.
CREATE OR REPLACE FUNCTION account_of_owner(p_email_canonical text) RETURNS uuid
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_user_id uuid;
BEGIN
    SELECT id INTO v_user_id FROM users u
    WHERE email_canonical = p_email_canonical AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id)
    FOR NO KEY UPDATE;
    RETURN v_user_id;
END $$;
