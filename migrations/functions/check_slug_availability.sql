-- Returns whether a slug is valid and available. If a tenant uses the slug or used it before it was renamed, also
-- returns that tenant and up to three alternatives: the first of `p_candidates` that are available, in the given order.
-- A deleted tenant uses its slug until it is purged. If only a tenant of the earlier system has the slug, returns its
-- name, but no code. If `p_with_earlier_system` is false, the slugs of the earlier system are not taken.
CREATE OR REPLACE FUNCTION check_slug_availability(
    p_slug text, p_candidates text[], p_with_earlier_system boolean DEFAULT true,
    OUT available boolean, OUT conflict_code text, OUT conflict_name text, OUT suggestions text[]
) LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_earlier jsonb := CASE WHEN p_with_earlier_system AND may_have_earlier_system()
        THEN earlier_slugs(p_slug || p_candidates) ELSE '{}' END;
BEGIN
    SELECT code, name INTO conflict_code, conflict_name FROM tenants WHERE slug = p_slug AND purged_at IS NULL;
    IF NOT FOUND THEN
        SELECT t.code, t.name INTO conflict_code, conflict_name
        FROM tenant_former_slugs f JOIN tenants t ON t.id = f.tenant_id WHERE f.slug = p_slug;
    END IF;
    available := NOT FOUND AND slug_is_valid(p_slug) AND NOT v_earlier ? p_slug;
    conflict_name := coalesce(conflict_name, v_earlier ->> p_slug);
    suggestions := CASE WHEN available THEN '{}' ELSE ARRAY(
        SELECT candidate.slug FROM unnest(p_candidates) WITH ORDINALITY AS candidate (slug, place)
        WHERE NOT EXISTS (SELECT FROM tenants t WHERE t.slug = candidate.slug AND t.purged_at IS NULL)
            AND NOT EXISTS (SELECT FROM tenant_former_slugs f WHERE f.slug = candidate.slug)
            AND NOT v_earlier ? candidate.slug
        ORDER BY candidate.place LIMIT 3) END;
END $$;
