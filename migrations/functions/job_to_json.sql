-- Returns a job in the form that workers receive: {"id", "kind", "requestId", "references", "context"}.
-- `references` maps the names of finished steps to the external references that these steps returned.
CREATE OR REPLACE FUNCTION job_to_json(p_job jobs) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', p_job.id, 'kind', p_job.kind, 'requestId', p_job.request_id,
        'references', (SELECT coalesce(jsonb_object_agg(s.name, s.external_reference), '{}')
                       FROM job_steps s WHERE s.job_id = p_job.id AND s.external_reference IS NOT NULL),
        'context', job_context(p_job));
END $$;
