-- Returns whether this database contains the tables of the earlier system (docs/specification.md, section 4), and the
-- current role may read the columns that decide which slugs are taken. Without these tables, this function only looks
-- up two names in the catalog cache. The first two conditions prevent errors: `to_regclass` fails for a schema that the
-- role may not use.
CREATE OR REPLACE FUNCTION has_earlier_system() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_public oid := to_regnamespace('public');
BEGIN
    IF v_public IS NULL OR NOT has_schema_privilege(v_public, 'USAGE')
        OR to_regclass('public.auto_provisioning') IS NULL OR to_regclass('public.tenants') IS NULL
    THEN
        RETURN false;
    END IF;
    RETURN (SELECT count(*) = 6 FROM pg_attribute a
            WHERE NOT a.attisdropped AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
              AND (a.attrelid = to_regclass('public.tenants') AND a.attname IN ('id', 'slug', 'name')
                  OR a.attrelid = to_regclass('public.auto_provisioning')
                      AND a.attname IN ('tenant_id', 'restaurant_slug', 'restaurant_name')));
END $$;
