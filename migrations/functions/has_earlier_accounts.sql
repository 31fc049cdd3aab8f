-- Returns whether this database contains the accounts of the earlier system, and the current role may read their
-- e-mail addresses. Call this function only if `has_earlier_system` returned true.
CREATE OR REPLACE FUNCTION has_earlier_accounts() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_auth oid := to_regnamespace('auth');
BEGIN
    IF v_auth IS NULL OR NOT has_schema_privilege(v_auth, 'USAGE') OR to_regclass('auth.users') IS NULL THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = to_regclass('auth.users') AND a.attname = 'email' AND NOT a.attisdropped
            AND has_column_privilege(a.attrelid, a.attnum, 'SELECT'));
END $$;
