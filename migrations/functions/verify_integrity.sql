-- Returns every row that breaks an invariant. An empty result means that the database is consistent.
CREATE OR REPLACE FUNCTION verify_integrity() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'completed request has its tenant', r.id::text, coalesce(r.tenant_code, 'no code')
    FROM provisioning_requests r
    WHERE r.status = 'completed' AND NOT EXISTS (
        SELECT FROM tenants t WHERE t.id = r.tenant_id AND t.request_id = r.id AND t.code = r.tenant_code)
UNION ALL
    SELECT 'tenant comes from a completed request', t.code, r.status
    FROM tenants t JOIN provisioning_requests r ON r.id = t.request_id WHERE r.status <> 'completed'
UNION ALL
    SELECT 'tenant is complete', t.code, t.slug FROM tenants t
    WHERE t.purged_at IS NULL AND NOT tenant_is_complete(t.id, 1)
UNION ALL
    SELECT 'tenant has its job and steps', t.code, t.slug FROM tenants t
    WHERE NOT EXISTS (
        SELECT FROM jobs j JOIN job_steps s ON s.job_id = j.id
        WHERE j.tenant_id = t.id AND j.request_id = t.request_id)
UNION ALL
    SELECT 'provisioning tenant has an unfinished job', t.code, j.state
    FROM tenants t JOIN jobs j ON j.tenant_id = t.id AND j.request_id = t.request_id
    WHERE t.status = 'provisioning' AND j.state NOT IN ('pending', 'running', 'retrying', 'dead')
UNION ALL
    SELECT 'rolled-back request has a compensated job', r.id::text, coalesce(j.state, 'no job')
    FROM provisioning_requests r LEFT JOIN jobs j ON j.request_id = r.id
    WHERE r.status = 'rolled_back' AND j.state IS DISTINCT FROM 'compensated'
UNION ALL
    SELECT 'compensated job belongs to a rolled-back request', j.id::text, r.status
    FROM jobs j JOIN provisioning_requests r ON r.id = j.request_id
    WHERE j.state = 'compensated' AND r.status <> 'rolled_back'
UNION ALL
    SELECT 'job state matches its steps', j.id::text, j.state FROM jobs j
    WHERE (j.state IN ('succeeded', 'skipped') AND EXISTS (
              SELECT FROM job_steps s WHERE s.job_id = j.id AND s.state NOT IN ('succeeded', 'skipped')))
       OR (j.state = 'dead') <> EXISTS (SELECT FROM job_steps s WHERE s.job_id = j.id AND s.state = 'dead')
UNION ALL
    SELECT 'tenant is in the audit log', t.code, t.slug FROM tenants t
    WHERE NOT EXISTS (
        SELECT FROM audit_log a
        WHERE a.request_id = t.request_id AND a.subject_id = t.id AND a.action = 'tenant.provisioned')
UNION ALL
    SELECT 'active tenant has an owner', t.code, t.status FROM tenants t
    WHERE t.owner_id IS NULL AND t.status NOT IN ('provisioning', 'pending_activation', 'setup_incomplete')
UNION ALL
    SELECT 'account created for a tenant has a membership', u.id::text, u.email FROM users u
    WHERE u.created_by_request IS NOT NULL AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
UNION ALL
    SELECT 'owner is not an employee', t.code, e.name
    FROM tenants t JOIN employees e ON e.user_id = t.owner_id
UNION ALL
    SELECT 'no request is stuck in processing', r.id::text, r.created_at::text FROM provisioning_requests r
    WHERE r.status = 'processing' AND r.created_at < now() - interval '10 minutes'
UNION ALL
    SELECT 'slug is unique', t.slug, count(*)::text FROM tenants t
    WHERE t.purged_at IS NULL GROUP BY t.slug HAVING count(*) > 1
UNION ALL
    SELECT 'e-mail address is unique in any case', lower(u.email_canonical), count(*)::text FROM users u
    GROUP BY lower(u.email_canonical) HAVING count(*) > 1
UNION ALL
    SELECT 'idempotency key has one tenant', r.idempotency_key::text, count(*)::text
    FROM tenants t JOIN provisioning_requests r ON r.id = t.request_id
    GROUP BY r.employee_id, r.operation, r.idempotency_key HAVING count(*) > 1
UNION ALL
    SELECT 'every attempt is recorded', r.id::text, r.attempt || ' started' FROM provisioning_requests r
    WHERE r.status <> 'processing'
      AND r.attempt <> (SELECT count(*) FROM provisioning_attempts a WHERE a.request_id = r.id);
END $$;
