-- Formats a timestamp as the API does: RFC 3339 in UTC with milliseconds.
CREATE OR REPLACE FUNCTION rfc3339(p_timestamp timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
