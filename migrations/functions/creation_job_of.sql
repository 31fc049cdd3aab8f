-- Returns the ID of the job that created a tenant.
CREATE OR REPLACE FUNCTION creation_job_of(p_tenant_id uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN (SELECT id FROM jobs WHERE tenant_id = p_tenant_id AND creates_tenant);
END $$;
