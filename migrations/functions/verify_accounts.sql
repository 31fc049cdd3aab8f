-- Returns every account and employee that breaks an invariant. One of the parts of `verify_integrity`.
CREATE OR REPLACE FUNCTION verify_accounts() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'account created for a tenant has a membership', u.id::text, u.email FROM users u
    WHERE u.created_by_request IS NOT NULL AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
UNION ALL
    SELECT 'owner is not an employee', t.code, e.name
    FROM tenants t JOIN employees e ON e.user_id = t.owner_id
UNION ALL
    SELECT 'active token has an active creator with at least its role', s.id::text, s.name
    FROM employees s JOIN employees c ON c.id = s.created_by
    WHERE s.status = 'active' AND (c.status <> 'active'
        OR array_position(ARRAY['VIEWER', 'ADMIN', 'SUPER_ADMIN'], s.role)
         > array_position(ARRAY['VIEWER', 'ADMIN', 'SUPER_ADMIN'], c.role))
UNION ALL
    SELECT 'e-mail address is unique in any case', lower(u.email_canonical), count(*)::text FROM users u
    GROUP BY lower(u.email_canonical) HAVING count(*) > 1;
END $$;
