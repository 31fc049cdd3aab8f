-- Returns every tenant that breaks an invariant. One of the parts of `verify_integrity`.
CREATE OR REPLACE FUNCTION verify_tenants() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'tenant comes from a completed request', t.code, r.status
    FROM tenants t JOIN provisioning_requests r ON r.id = t.request_id WHERE r.status <> 'completed'
UNION ALL
    -- The same parts as in `tenant_is_complete`. One join for each part is much faster than one join of all parts.
    SELECT 'tenant is complete', incomplete.code, incomplete.slug FROM (
        SELECT t.code, t.slug FROM tenants t WHERE t.purged_at IS NULL AND t.owner_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM memberships m WHERE m.tenant_id = t.id AND m.user_id = t.owner_id AND m.role = 'owner')
        UNION SELECT t.code, t.slug FROM tenants t WHERE t.purged_at IS NULL
            AND NOT EXISTS (SELECT FROM tenant_settings s WHERE s.tenant_id = t.id)
        UNION SELECT t.code, t.slug FROM tenants t WHERE t.purged_at IS NULL
            AND NOT EXISTS (SELECT FROM tenant_branding b WHERE b.tenant_id = t.id)
        UNION SELECT t.code, t.slug FROM tenants t WHERE t.purged_at IS NULL
            AND NOT EXISTS (SELECT FROM segments g WHERE g.tenant_id = t.id)
        UNION SELECT t.code, t.slug FROM tenants t WHERE t.purged_at IS NULL
            AND NOT EXISTS (SELECT FROM packages p WHERE p.tenant_id = t.id)
        UNION SELECT t.code, t.slug FROM tenants t WHERE t.purged_at IS NULL
            AND NOT EXISTS (SELECT FROM api_keys k WHERE k.tenant_id = t.id)) incomplete
UNION ALL
    SELECT 'tenant is in the audit log', t.code, t.slug FROM tenants t
    WHERE NOT EXISTS (
        SELECT FROM audit_log a
        WHERE a.request_id = t.request_id AND a.subject_id = t.id AND a.action = 'tenant.provisioned')
UNION ALL
    SELECT 'audit log has no personal data of a purged tenant', t.code, a.id::text
    FROM tenants t JOIN audit_log a ON a.request_id = t.request_id AND a.subject_kind = 'tenant' AND a.subject_id = t.id
    WHERE t.purged_at IS NOT NULL AND a IS DISTINCT FROM redacted_audit_entry(a)
UNION ALL
    SELECT 'audit log has no personal data of a purged tenant', t.code, a.id::text
    FROM tenants t JOIN audit_log a ON a.request_id IS NULL AND a.subject_kind = 'tenant' AND a.subject_id = t.id
    WHERE t.purged_at IS NOT NULL AND a IS DISTINCT FROM redacted_audit_entry(a)
UNION ALL
    SELECT 'active tenant has an owner', t.code, t.status FROM tenants t
    WHERE t.owner_id IS NULL AND t.status NOT IN ('provisioning', 'pending_activation', 'setup_incomplete', 'deleted')
UNION ALL
    SELECT 'tenant has the address of its owner', t.code, t.slug
    FROM tenants t LEFT JOIN users u ON u.id = t.owner_id WHERE t.owner_email IS DISTINCT FROM lower(u.email)
UNION ALL
    SELECT 'replaced API key expires', t.code, k.public_key
    FROM api_keys n JOIN api_keys k ON k.id = n.replaces JOIN tenants t ON t.id = k.tenant_id
    WHERE n.replaces IS NOT NULL AND (k.expires_at IS NULL OR k.tenant_id <> n.tenant_id)
UNION ALL
    SELECT 'slug is unique', t.slug, count(*)::text FROM tenants t
    WHERE t.purged_at IS NULL GROUP BY t.slug HAVING count(*) > 1
UNION ALL
    SELECT 'former slug is reserved', t.code, f.slug
    FROM tenant_former_slugs f JOIN tenants t ON t.slug = f.slug AND t.purged_at IS NULL;
END $$;
