-- Stores the resource that a step created for the tenant of its job. Does nothing for a job without a tenant.
-- `finish_step` calls this function in the same transaction. p_resource is {"kind", "url"}.
CREATE OR REPLACE FUNCTION on_step_succeeded(p_job_id uuid, p_reference text, p_resource jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    INSERT INTO tenant_resources (tenant_id, kind, external_reference, url)
    SELECT tenant_id, p_resource ->> 'kind', p_reference, p_resource ->> 'url'
    FROM jobs WHERE id = p_job_id AND tenant_id IS NOT NULL
    ON CONFLICT (tenant_id, kind) DO UPDATE SET
        external_reference = excluded.external_reference, url = excluded.url;
END $$;
