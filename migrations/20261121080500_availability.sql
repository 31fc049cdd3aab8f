-- Is a name free? One call each, for the console, the API and any SQL client. In PL/pgSQL, which
-- keeps the plans; a function in SQL that sets its search path would be planned at each call.

-- Whether a slug is free. `suggestions` are the first three of `candidates` that are free
-- themselves, in the order given, checked in this same query.
CREATE FUNCTION check_slug_availability(
    p_slug text, p_candidates text[],
    OUT available boolean, OUT conflict_code text, OUT conflict_name text, OUT suggestions text[]
) LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    SELECT code, name INTO conflict_code, conflict_name FROM tenants WHERE slug = p_slug AND purged_at IS NULL;
    available := NOT FOUND;
    suggestions := CASE WHEN available THEN '{}' ELSE ARRAY(
        SELECT candidate.slug FROM unnest(p_candidates) WITH ORDINALITY AS candidate (slug, place)
        WHERE NOT EXISTS (SELECT FROM tenants t WHERE t.slug = candidate.slug AND t.purged_at IS NULL)
        ORDER BY candidate.place LIMIT 3) END;
END $$;

-- Whether a canonical e-mail can become a new owner's; if not, why: `is_employee`,
-- `owns_tenant` (with the tenant) or `has_account`.
CREATE FUNCTION check_owner_email_availability(
    p_email_canonical text,
    OUT available boolean, OUT reason text, OUT conflict_code text, OUT conflict_name text
) LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    SELECT
        u.id IS NULL,
        CASE WHEN u.id IS NULL THEN NULL
             WHEN e.id IS NOT NULL THEN 'is_employee'
             WHEN t.id IS NOT NULL THEN 'owns_tenant'
             ELSE 'has_account' END,
        CASE WHEN e.id IS NULL THEN t.code END,
        CASE WHEN e.id IS NULL THEN t.name END
    INTO available, reason, conflict_code, conflict_name
    FROM (SELECT) AS always_one_row
    LEFT JOIN users u ON u.email_canonical = p_email_canonical
    LEFT JOIN employees e ON e.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT id, code, name FROM tenants WHERE owner_id = u.id AND purged_at IS NULL ORDER BY created_at LIMIT 1
    ) t ON true;
END $$;
