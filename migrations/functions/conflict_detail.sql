-- Returns the detail text of a conflict: {"conflict": {"code", "name"}, "emailReason", "earlierTenant"}. The conflict
-- is null when no tenant is involved. A name without a code is that of a tenant of the earlier system.
CREATE OR REPLACE FUNCTION conflict_detail(p_code text, p_name text, p_email_reason text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'conflict', CASE WHEN p_code IS NOT NULL THEN jsonb_build_object('code', p_code, 'name', p_name) END,
        'emailReason', p_email_reason,
        'earlierTenant', CASE WHEN p_code IS NULL THEN p_name END)::text
$$;
