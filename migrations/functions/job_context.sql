-- Returns what the steps of a job need to know: its request, tenant and owner, the blueprint, and the references that
-- earlier steps returned.
CREATE OR REPLACE FUNCTION job_context(p_job_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', j.id, 'requestId', j.request_id, 'blueprint', t.blueprint,
            'tenant', jsonb_build_object('id', t.id, 'code', t.code, 'slug', t.slug, 'name', t.name, 'plan', t.plan),
            'owner', jsonb_build_object('name', u.name, 'email', u.email),
            'references', (SELECT coalesce(jsonb_object_agg(s.name, s.external_reference), '{}')
                           FROM job_steps s WHERE s.job_id = j.id AND s.external_reference IS NOT NULL))
        FROM jobs j JOIN tenants t ON t.id = j.tenant_id LEFT JOIN users u ON u.id = t.owner_id
        WHERE j.id = p_job_id);
END $$;
