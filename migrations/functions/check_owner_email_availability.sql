-- Returns whether a canonical e-mail address is available for a new owner. If it is not, `reason` is `is_employee`,
-- `owns_tenant` (with the tenant's code and name), `has_account` or, if only the earlier system has an account with the
-- address, `in_earlier_system`. If `p_with_earlier_system` is false, the addresses of the earlier system are available.
CREATE OR REPLACE FUNCTION check_owner_email_availability(
    p_email_canonical text, p_with_earlier_system boolean DEFAULT true,
    OUT available boolean, OUT reason text, OUT conflict_code text, OUT conflict_name text
) LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_user_id uuid := (SELECT id FROM users WHERE email_canonical = p_email_canonical);
BEGIN
    available := v_user_id IS NULL;
    IF available THEN
        IF p_with_earlier_system AND may_have_earlier_system() AND earlier_has_email(p_email_canonical) THEN
            available := false;
            reason := 'in_earlier_system';
        END IF;
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
