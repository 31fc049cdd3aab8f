-- Returns whether reading these columns runs no code of the owner of the table: it is a table, not a view, no policy of
-- row level security applies to the current role, and the types of the columns are those of PostgreSQL or citext. The
-- caller has locked the table, so that the answer stays true until it has read the table.
CREATE OR REPLACE FUNCTION is_plain_table(p_table regclass, p_columns text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_class WHERE oid = p_table AND relkind IN ('r', 'p') AND NOT row_security_active(oid))
    AND NOT EXISTS (
        SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = p_table AND a.attname = ANY (p_columns) AND t.typnamespace <> 'pg_catalog'::regnamespace
            AND NOT EXISTS (
                SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                    AND d.refclassid = 'pg_extension'::regclass AND e.extname = 'citext'));
END $$;
