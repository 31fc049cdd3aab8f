-- Returns the active employee of an admin token that is neither expired nor revoked, or null. Records the time of use,
-- at most once a minute.
CREATE OR REPLACE FUNCTION authenticate_token(p_token_hash bytea) RETURNS employees
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_token admin_tokens;
    v_employee employees;
BEGIN
    SELECT * INTO v_token FROM admin_tokens
    WHERE token_hash = p_token_hash AND revoked_at IS NULL AND expires_at > now();
    SELECT * INTO v_employee FROM employees WHERE id = v_token.employee_id AND status = 'active';
    -- Does not wait for another call that records the time of use in a long transaction.
    IF v_employee.id IS NOT NULL AND (v_token.last_used_at < now() - interval '1 minute') IS NOT FALSE THEN
        UPDATE admin_tokens SET last_used_at = now() WHERE id = (
            SELECT id FROM admin_tokens WHERE id = v_token.id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN v_employee;
END $$;
