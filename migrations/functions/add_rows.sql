-- Adds a number of rows to the count of a table in a JSON object. Zero adds nothing.
CREATE OR REPLACE FUNCTION add_rows(p_counts jsonb, p_table text, p_rows bigint) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_rows > 0 THEN
        p_counts || jsonb_build_object(p_table, coalesce((p_counts ->> p_table)::bigint, 0) + p_rows)
        ELSE p_counts END
$$;
