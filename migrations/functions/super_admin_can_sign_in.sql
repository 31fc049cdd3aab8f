-- Returns whether an active SUPER_ADMIN who is a person has a password.
CREATE OR REPLACE FUNCTION super_admin_can_sign_in() RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM employees e JOIN users u ON u.id = e.user_id
        WHERE e.kind = 'person' AND e.role = 'SUPER_ADMIN' AND e.status = 'active' AND u.password_hash IS NOT NULL
    );
END $$;
