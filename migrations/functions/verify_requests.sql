-- Returns every provisioning request that breaks an invariant. One of the parts of `verify_integrity`.
CREATE OR REPLACE FUNCTION verify_requests() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'completed request has its tenant', r.id::text, coalesce(r.tenant_code, 'no code')
    FROM provisioning_requests r
    WHERE r.status = 'completed' AND NOT EXISTS (
        SELECT FROM tenants t WHERE t.id = r.tenant_id AND t.request_id = r.id AND t.code = r.tenant_code)
UNION ALL
    SELECT 'rolled-back request has a compensated job', r.id::text, coalesce(j.state, 'no job')
    FROM provisioning_requests r LEFT JOIN jobs j ON j.request_id = r.id
    WHERE r.status = 'rolled_back' AND j.state IS DISTINCT FROM 'compensated'
      -- The retention deletes the job of a rolled-back request.
      AND NOT (r.redacted_at IS NOT NULL AND j.id IS NULL)
UNION ALL
    SELECT 'no request is stuck in processing', r.id::text, r.created_at::text FROM provisioning_requests r
    WHERE r.status = 'processing' AND r.created_at < now() - interval '10 minutes'
UNION ALL
    SELECT 'idempotency key has one tenant', r.idempotency_key::text, count(*)::text
    FROM tenants t JOIN provisioning_requests r ON r.id = t.request_id
    GROUP BY r.operation, r.idempotency_key HAVING count(*) > 1
UNION ALL
    SELECT 'every attempt is recorded', r.id::text, r.attempt || ' started' FROM provisioning_requests r
    LEFT JOIN (SELECT request_id, count(*) AS recorded FROM provisioning_attempts GROUP BY request_id) a
        ON a.request_id = r.id
    WHERE r.status <> 'processing' AND r.attempt <> coalesce(a.recorded, 0);
END $$;
