-- Makes an account the owner of a tenant. An account with a password joins the tenant immediately. A former owner who
-- has a password becomes a member. Another former owner loses the membership and the invitation, and the account if it
-- was created for a tenant and nothing else uses it. The caller has locked the tenant.
CREATE OR REPLACE FUNCTION replace_owner(p_tenant_id uuid, p_user_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_former users;
BEGIN
    SELECT u.* INTO v_former FROM tenants t JOIN users u ON u.id = t.owner_id WHERE t.id = p_tenant_id;
    INSERT INTO memberships (tenant_id, user_id, role, joined_at)
    SELECT p_tenant_id, id, 'owner', CASE WHEN password_hash IS NOT NULL THEN clock_timestamp() END
    FROM users WHERE id = p_user_id
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET
        role = 'owner', joined_at = coalesce(memberships.joined_at, excluded.joined_at);
    UPDATE tenants SET owner_id = p_user_id WHERE id = p_tenant_id;
    IF v_former.password_hash IS NOT NULL THEN
        UPDATE memberships SET role = 'member' WHERE tenant_id = p_tenant_id AND user_id = v_former.id;
    ELSE
        DELETE FROM one_time_tokens WHERE tenant_id = p_tenant_id AND user_id = v_former.id;
        DELETE FROM memberships WHERE tenant_id = p_tenant_id AND user_id = v_former.id;
        PERFORM delete_unused_account(v_former.id);
    END IF;
END $$;
