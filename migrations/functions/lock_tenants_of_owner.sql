-- Locks a tenant and its jobs, as `lock_tenant` does, and then the other tenants of its owner and the owner's account,
-- for a change of the account. Returns whether the tenant exists. A tombstone does not.
--
-- The order is jobs, tenants by ID, accounts. A transaction that names the account as the owner of a further tenant may
-- commit during the wait for the account: then the function raises serialization_failure, because that tenant is not
-- locked. The next call locks it.
CREATE OR REPLACE FUNCTION lock_tenants_of_owner(p_tenant_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_owner_id uuid;
    v_locked uuid[];
BEGIN
    PERFORM FROM jobs WHERE tenant_id = p_tenant_id AND creates_tenant FOR UPDATE;
    PERFORM FROM jobs WHERE tenant_id = p_tenant_id ORDER BY id FOR UPDATE;
    -- Every change of the owner locks these jobs first.
    v_owner_id := (SELECT owner_id FROM tenants WHERE id = p_tenant_id);
    v_locked := ARRAY(
        SELECT id FROM tenants WHERE id = p_tenant_id OR owner_id = v_owner_id ORDER BY id FOR NO KEY UPDATE);
    PERFORM FROM users WHERE id = v_owner_id FOR UPDATE;
    IF EXISTS (SELECT FROM tenants WHERE owner_id = v_owner_id AND id <> ALL (v_locked)) THEN
        RAISE EXCEPTION 'the account got another tenant' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN EXISTS (SELECT FROM tenants WHERE id = p_tenant_id AND purged_at IS NULL);
END $$;
