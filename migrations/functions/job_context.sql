-- Returns the data that the steps of a job need: the parameters of the job and, if the job has a tenant,
-- {"blueprint", "tenant", "owner"}.
CREATE OR REPLACE FUNCTION job_context(p_job jobs) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_job.tenant_id IS NULL THEN
        RETURN p_job.parameters;
    END IF;
    RETURN (
        SELECT p_job.parameters || jsonb_build_object(
            'blueprint', t.blueprint,
            'tenant', jsonb_build_object(
                'id', t.id, 'requestId', t.request_id, 'code', t.code, 'slug', t.slug, 'name', t.name, 'plan', t.plan,
                'industry', t.industry, 'status', t.status),
            'owner', jsonb_build_object('name', u.name, 'email', u.email, 'emailCanonical', u.email_canonical))
        FROM tenants t LEFT JOIN users u ON u.id = t.owner_id WHERE t.id = p_job.tenant_id);
END $$;
