-- Checks that an account is a member of a tenant, and limits the rest of the transaction to the rows of this tenant:
-- the role becomes `tenantry_tenant`, and `app.tenant_id` is set, both until the transaction ends. Returns the tenant
-- and the role of the member. Returns no row for an account that has not joined the tenant, and for a deleted tenant.
--
-- Does not limit the transaction if the tenant is not active; the caller refuses the call. If `p_is_change`, first
-- waits for the running change of the tenant, and then locks the tenant.
CREATE OR REPLACE FUNCTION begin_member_call(p_user_id uuid, p_tenant_id uuid, p_is_change boolean)
RETURNS TABLE (request_id uuid, slug text, status text, role text)
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_is_change THEN
        PERFORM FROM tenants t WHERE t.id = p_tenant_id FOR NO KEY UPDATE;
    END IF;
    SELECT t.request_id, t.slug, t.status, m.role INTO request_id, slug, status, role
    FROM memberships m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.user_id = p_user_id AND m.tenant_id = p_tenant_id AND m.joined_at IS NOT NULL AND t.status <> 'deleted';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF status = 'active' THEN
        PERFORM set_config('app.tenant_id', p_tenant_id::text, true), set_config('role', 'tenantry_tenant', true);
    END IF;
    RETURN NEXT;
END $$;
