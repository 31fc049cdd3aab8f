-- Returns whether a canonical e-mail address is available for a new owner. If it is not, `reason` is `is_employee`,
-- `owns_tenant` (with the tenant's code and name) or `has_account`.
CREATE OR REPLACE FUNCTION check_owner_email_availability(
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
    FROM (SELECT) AS one_row
    LEFT JOIN users u ON u.email_canonical = p_email_canonical
    LEFT JOIN employees e ON e.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT id, code, name FROM tenants WHERE owner_id = u.id AND purged_at IS NULL ORDER BY created_at LIMIT 1
    ) t ON true;
END $$;
