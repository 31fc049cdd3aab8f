-- Returns whether an account of the earlier system has this canonical e-mail address. Returns false if this database
-- has no earlier system, if the current role may not read its accounts, or if reading them would run code of their
-- owner.
CREATE OR REPLACE FUNCTION earlier_has_email(p_email_canonical text) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF NOT may_have_earlier_system() THEN
        RETURN false;
    END IF;
    LOCK TABLE auth.users IN ACCESS SHARE MODE;
    RETURN is_plain_table('auth.users', '{email}')
        AND EXISTS (SELECT FROM auth.users u WHERE lower(u.email::text) = p_email_canonical);
EXCEPTION WHEN undefined_table OR invalid_schema_name OR undefined_column OR insufficient_privilege THEN
    RETURN false;
END $$;
