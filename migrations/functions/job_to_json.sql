-- Returns a job in the form that workers receive: {"id", "kind", "requestId", "references", "context"}.
-- `references` maps the names of finished steps to the external references that these steps returned. Every
-- other job of a tenant also has the references of the job that created the tenant.
CREATE OR REPLACE FUNCTION job_to_json(p_job jobs) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', p_job.id, 'kind', p_job.kind, 'requestId', p_job.request_id,
        'references', (SELECT coalesce(jsonb_object_agg(s.name, s.external_reference), '{}')
                       FROM job_steps s WHERE s.external_reference IS NOT NULL AND (s.job_id = p_job.id
                           OR (NOT p_job.creates_tenant AND s.job_id = creation_job_of(p_job.tenant_id)))),
        'context', job_context(p_job));
END $$;
