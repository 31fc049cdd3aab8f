-- Formats a timestamp as the API does: RFC 3339 in UTC, rounded to milliseconds, like the times that queries return as
-- milliseconds.
CREATE OR REPLACE FUNCTION rfc3339(p_timestamp timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_timestamp::timestamptz(3) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
