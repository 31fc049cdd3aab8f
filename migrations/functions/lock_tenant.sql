-- Locks a tenant and its jobs for a change of the tenant's life: the jobs first, as every function that locks both
-- does. Returns whether the tenant exists. A tombstone does not.
--
-- Every change of a tenant's life may add a job, so changes first wait for each other at the job that created the
-- tenant. The next statement then sees the jobs of the change that it waited for.
CREATE OR REPLACE FUNCTION lock_tenant(p_tenant_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM FROM jobs WHERE tenant_id = p_tenant_id AND creates_tenant FOR UPDATE;
    PERFORM FROM jobs WHERE tenant_id = p_tenant_id ORDER BY id FOR UPDATE;
    PERFORM FROM tenants WHERE id = p_tenant_id AND purged_at IS NULL FOR NO KEY UPDATE;
    RETURN FOUND;
END $$;
