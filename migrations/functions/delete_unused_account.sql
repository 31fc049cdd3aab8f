-- Deletes an account that was created for a tenant and that no tenant and no employee uses any more.
CREATE OR REPLACE FUNCTION delete_unused_account(p_user_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    DELETE FROM users u WHERE u.id = p_user_id AND u.created_by_request IS NOT NULL
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
        AND NOT EXISTS (SELECT FROM tenants t WHERE t.owner_id = u.id)
        AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id);
END $$;
