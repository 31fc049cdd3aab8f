-- Returns whether a canonical e-mail address is available for a new owner. If it is not, `reason` is `is_employee`,
-- `owns_tenant` (with the tenant's code and name) or `has_account`.
CREATE OR REPLACE FUNCTION check_owner_email_availability(
    p_email_canonical text,
    OUT available boolean, OUT reason text, OUT conflict_code text, OUT conflict_name text
) LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_user_id uuid := (SELECT id FROM users WHERE email_canonical = p_email_canonical);
BEGIN
    available := v_user_id IS NULL;
    IF available THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM employees WHERE user_id = v_user_id) THEN
        reason := 'is_employee';
        RETURN;
    END IF;
    SELECT code, name INTO conflict_code, conflict_name
    FROM tenants WHERE owner_id = v_user_id AND purged_at IS NULL ORDER BY created_at LIMIT 1;
    reason := CASE WHEN FOUND THEN 'owns_tenant' ELSE 'has_account' END;
END $$;
