-- Returns every message of the outbox that breaks an invariant. One of the parts of `verify_integrity`.
CREATE OR REPLACE FUNCTION verify_messages() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'message of an active tenant is not held', m.id::text, m.kind
    FROM outbox_messages m JOIN tenants t ON t.id = m.tenant_id WHERE m.status = 'held' AND t.status = 'active'
UNION ALL
    SELECT 'message of a tenant that is not active is not pending', m.id::text, m.kind
    FROM outbox_messages m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.status = 'pending' AND m.transmission_id IS NULL AND t.status <> 'active'
UNION ALL
    SELECT 'pending message has an unfinished job', m.id::text, coalesce(j.state, 'no job')
    FROM outbox_messages m LEFT JOIN jobs j ON j.id = m.job_id
    WHERE m.status = 'pending' AND (j.state IN ('pending', 'running', 'retrying')) IS NOT TRUE;
END $$;
