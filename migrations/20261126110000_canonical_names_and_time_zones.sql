-- Stores the names of the search and the time zones as new rows have them: names in NFC, time zones in the spelling of
-- the IANA database. PostgreSQL normalises only text in UTF-8.

UPDATE provisioning_requests SET name = normalize(name) WHERE getdatabaseencoding() = 'UTF8' AND name IS NOT NORMALIZED;

-- The directories `posix` and `right` of some operating systems contain every time zone again.
UPDATE tenant_settings s SET time_zone = z.name FROM pg_timezone_names z
WHERE s.time_zone <> z.name AND lower(z.name) = regexp_replace(lower(s.time_zone), '^(posix|right)/', '');
