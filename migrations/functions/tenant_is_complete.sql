-- Returns whether a tenant has settings, branding, a segment, an API key and at least `p_packages` packages. A tenant
-- with an owner also needs the owner's membership. Does not check the job.
CREATE OR REPLACE FUNCTION tenant_is_complete(p_tenant_id uuid, p_packages integer) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM tenants t
                   LEFT JOIN memberships m ON m.tenant_id = t.id AND m.user_id = t.owner_id AND m.role = 'owner'
                   WHERE t.id = p_tenant_id AND (t.owner_id IS NULL OR m.user_id IS NOT NULL))
       AND EXISTS (SELECT FROM tenant_settings WHERE tenant_id = p_tenant_id)
       AND EXISTS (SELECT FROM tenant_branding WHERE tenant_id = p_tenant_id)
       AND EXISTS (SELECT FROM segments WHERE tenant_id = p_tenant_id)
       AND EXISTS (SELECT FROM api_keys WHERE tenant_id = p_tenant_id)
       AND (SELECT count(*) FROM packages WHERE tenant_id = p_tenant_id) >= p_packages;
END $$;
