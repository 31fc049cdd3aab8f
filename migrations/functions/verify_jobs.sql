-- Returns every job that breaks an invariant. One of the parts of `verify_integrity`.
CREATE OR REPLACE FUNCTION verify_jobs() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'tenant has its job and steps', t.code, t.slug FROM tenants t
    LEFT JOIN jobs j ON j.tenant_id = t.id AND j.request_id = t.request_id
    LEFT JOIN job_steps s ON s.job_id = j.id AND s.position = 1
    WHERE j.id IS NULL OR (s.job_id IS NULL AND j.state <> 'skipped')
UNION ALL
    SELECT 'provisioning tenant has an unfinished job', t.code, j.state
    FROM tenants t JOIN jobs j ON j.tenant_id = t.id AND j.request_id = t.request_id
    WHERE t.status = 'provisioning' AND j.state NOT IN ('pending', 'running', 'retrying', 'dead')
UNION ALL
    SELECT 'job of a tenant without an owner is blocked', t.code, j.state
    FROM tenants t JOIN jobs j ON j.tenant_id = t.id AND j.request_id = t.request_id
    WHERE t.status NOT IN ('suspended', 'deleted')
        AND CASE WHEN t.owner_id IS NULL OR t.awaits_approval THEN j.state NOT IN ('blocked', 'skipped')
            ELSE j.state = 'blocked' END
UNION ALL
    SELECT 'job of a suspended or deleted tenant is blocked', t.code, j.state
    FROM tenants t JOIN jobs j ON j.tenant_id = t.id AND j.request_id = t.request_id
    WHERE t.status IN ('suspended', 'deleted') AND j.state IN ('pending', 'running', 'retrying')
UNION ALL
    SELECT 'tenant has at most one unfinished lifecycle job', t.code, count(*)::text
    FROM tenants t JOIN jobs j ON j.tenant_id = t.id
    WHERE is_lifecycle_kind(j.kind) AND j.state NOT IN ('succeeded', 'skipped')
    GROUP BY t.id HAVING count(*) > 1
UNION ALL
    SELECT 'latest lifecycle job fits the status of its tenant', t.code, latest.kind
    FROM (SELECT DISTINCT ON (tenant_id) tenant_id, kind FROM jobs WHERE is_lifecycle_kind(kind)
          ORDER BY tenant_id, created_at DESC) latest
    JOIN tenants t ON t.id = latest.tenant_id
    WHERE NOT CASE latest.kind
        WHEN 'suspend' THEN t.status = 'suspended'
        WHEN 'resume' THEN t.status = 'active'
        WHEN 'delete' THEN t.status = 'deleted'
        ELSE t.status <> 'deleted' END
UNION ALL
    SELECT 'lifecycle job is neither blocked nor rolled back', j.id::text, j.state FROM jobs j
    WHERE is_lifecycle_kind(j.kind)
        AND (j.creates_tenant OR j.rollback_began_at IS NOT NULL OR j.state IN ('blocked', 'compensated'))
UNION ALL
    SELECT 'purged tenant has no lifecycle job', t.code, j.kind
    FROM tenants t JOIN jobs j ON j.tenant_id = t.id WHERE t.purged_at IS NOT NULL AND is_lifecycle_kind(j.kind)
UNION ALL
    SELECT 'compensated job belongs to a rolled-back request', j.id::text, r.status
    FROM jobs j JOIN provisioning_requests r ON r.id = j.request_id
    WHERE j.state = 'compensated' AND r.status <> 'rolled_back'
UNION ALL
    SELECT 'job state matches its steps', j.id::text, j.state FROM jobs j
    LEFT JOIN (
        SELECT job_id, bool_or(state = 'dead') AS is_dead FROM job_steps
        WHERE state NOT IN ('succeeded', 'skipped') GROUP BY job_id) unfinished ON unfinished.job_id = j.id
    WHERE (j.state IN ('succeeded', 'skipped') AND unfinished.job_id IS NOT NULL)
       OR (j.state = 'dead') <> coalesce(unfinished.is_dead, false);
END $$;
