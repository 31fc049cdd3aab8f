-- Returns whether this database contains a table of the earlier system (docs/specification.md, section 4). Looks up
-- names in the catalog cache and reads no table. Without the first condition, `to_regclass` would fail for a role that
-- may not use the schema.
CREATE OR REPLACE FUNCTION may_have_earlier_system() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN has_schema_privilege(to_regnamespace('public')::oid, 'USAGE')
        THEN to_regclass('public.auto_provisioning') IS NOT NULL ELSE false END
$$;
