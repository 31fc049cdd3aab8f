-- Adds an entry about a job to the audit log. The subject is the tenant of the job, or the job itself if it has no
-- tenant. `p_default_actor` names the actor when `p_employee_id` is null.
CREATE OR REPLACE FUNCTION audit_job(
    p_job jobs, p_employee_id uuid, p_default_actor text, p_action text, p_before jsonb, p_after jsonb,
    p_client_address text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    INSERT INTO audit_log (
        actor_id, actor_name, client_address, action, subject_kind, subject_id, request_id, before, after)
    VALUES (p_employee_id, coalesce((SELECT name FROM employees WHERE id = p_employee_id), p_default_actor),
            p_client_address, p_action, CASE WHEN p_job.tenant_id IS NULL THEN 'job' ELSE 'tenant' END,
            coalesce(p_job.tenant_id, p_job.id), p_job.request_id, p_before, p_after);
END $$;
