-- Locks a tenant and its jobs, as `lock_tenant` does, and then the other tenants of its owner and the owner's account,
-- for a change of the account. Returns whether the tenant exists. A tombstone does not.
--
-- All transactions lock tenants in the order of their IDs, and before accounts. Nobody else can use the account until
-- the end of the transaction, so it gets no further tenants.
CREATE OR REPLACE FUNCTION lock_tenants_of_owner(p_tenant_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_owner_id uuid;
BEGIN
    PERFORM FROM jobs WHERE tenant_id = p_tenant_id AND creates_tenant FOR UPDATE;
    PERFORM FROM jobs WHERE tenant_id = p_tenant_id ORDER BY id FOR UPDATE;
    -- Repeated if the owner has changed during the wait for the locks.
    LOOP
        v_owner_id := (SELECT owner_id FROM tenants WHERE id = p_tenant_id);
        PERFORM FROM tenants WHERE id = p_tenant_id OR owner_id = v_owner_id ORDER BY id FOR NO KEY UPDATE;
        EXIT WHEN v_owner_id IS NOT DISTINCT FROM (SELECT owner_id FROM tenants WHERE id = p_tenant_id);
    END LOOP;
    PERFORM FROM users WHERE id = v_owner_id FOR UPDATE;
    RETURN EXISTS (SELECT FROM tenants WHERE id = p_tenant_id AND purged_at IS NULL);
END $$;
