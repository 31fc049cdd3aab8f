-- Locks the jobs that deliver the messages of a tenant, before the messages are deleted with the tenant.
CREATE OR REPLACE FUNCTION lock_mail_jobs(p_tenant_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM FROM jobs WHERE id IN (SELECT job_id FROM outbox_messages WHERE tenant_id = p_tenant_id)
    ORDER BY id FOR UPDATE;
END $$;
