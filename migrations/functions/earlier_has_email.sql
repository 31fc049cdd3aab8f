-- Returns whether an account of the earlier system has this canonical e-mail address.
CREATE OR REPLACE FUNCTION earlier_has_email(p_email_canonical text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_email_canonical IS NULL OR NOT has_earlier_system() OR NOT has_earlier_accounts() THEN
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT FROM auth.users u WHERE lower(u.email::text) = p_email_canonical);
END $$;
