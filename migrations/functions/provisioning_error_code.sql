-- Returns the error code for an SQLSTATE and the name of the violated constraint. A test compares this table with
-- `ErrorCode::from_sqlstate` in the crate `domain`. `validate_provisioning` raises TN002 and TN003.
CREATE OR REPLACE FUNCTION provisioning_error_code(p_sqlstate text, p_constraint text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_sqlstate = 'TN002' THEN 'DUPLICATE_SLUG'
        WHEN p_sqlstate = 'TN003' THEN 'EMAIL_UNAVAILABLE'
        WHEN p_sqlstate = '23505' AND p_constraint = 'tenants_slug_key' THEN 'DUPLICATE_SLUG'
        WHEN p_sqlstate = '23505' AND p_constraint = 'users_email_key' THEN 'EMAIL_UNAVAILABLE'
        WHEN p_sqlstate = '23505' THEN 'DUPLICATE_KEY'
        WHEN p_sqlstate = '23503' THEN 'FOREIGN_KEY_VIOLATION'
        WHEN p_sqlstate IN ('23514', '23502', 'P0001') THEN 'CONSTRAINT_VIOLATION'
        WHEN p_sqlstate = '40001' THEN 'SERIALIZATION_FAILURE'
        WHEN p_sqlstate = '40P01' THEN 'DEADLOCK'
        WHEN p_sqlstate = '57014' THEN 'TIMEOUT'
        WHEN p_sqlstate = '55P03' THEN 'LOCK_TIMEOUT'
        WHEN p_sqlstate IN ('25006', '53300', '57P01', '57P02', '57P03') THEN 'DATABASE_UNAVAILABLE'
        WHEN left(p_sqlstate, 2) IN ('08', '28', '3D') THEN 'DATABASE_UNAVAILABLE'
        WHEN p_sqlstate IN ('3F000', '42883', '42P01', '42703') THEN 'SCHEMA_OUT_OF_DATE'
        ELSE 'PROVISIONING_FAILED'
    END
$$;
