-- Returns whether an account of the earlier system has this canonical e-mail address. Returns false if this database
-- has no earlier system, or if the current role may not read its accounts.
CREATE OR REPLACE FUNCTION earlier_has_email(p_email_canonical text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN may_have_earlier_system()
        AND EXISTS (SELECT FROM auth.users u WHERE lower(u.email::text) = p_email_canonical);
EXCEPTION WHEN undefined_table OR invalid_schema_name OR undefined_column OR insufficient_privilege THEN
    RETURN false;
END $$;
