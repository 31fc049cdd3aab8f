-- Activates the tenant of a job and adds an entry to the audit log. The last step of the job calls this function. A
-- tenant that was restored before may have another status in external systems, which `reapply_status` corrects. Returns
-- whether the tenant is active. Does nothing unless the job is running, so that a superseded worker cannot activate a
-- tenant that is being rolled back, and nothing for a tenant without an owner.
CREATE OR REPLACE FUNCTION activate_tenant(p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_former_status text;
BEGIN
    -- The job that creates the tenant, all its jobs, then the tenant, as `lock_tenant` does.
    PERFORM FROM jobs WHERE id = p_job_id FOR UPDATE;
    PERFORM FROM jobs WHERE tenant_id = (SELECT tenant_id FROM jobs WHERE id = p_job_id) ORDER BY id FOR UPDATE;
    SELECT * INTO STRICT v_job FROM jobs WHERE id = p_job_id;
    IF v_job.state = 'running' THEN
        UPDATE tenants t SET status = 'active', activated_at = clock_timestamp()
        FROM (SELECT id, status FROM tenants WHERE id = v_job.tenant_id FOR UPDATE) AS former
        WHERE t.id = former.id AND t.owner_id IS NOT NULL
            AND former.status IN ('provisioning', 'pending_activation', 'setup_incomplete')
        RETURNING former.status INTO v_former_status;
        IF FOUND THEN
            INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
            VALUES (NULL, 'pipeline', 'tenant.activated', 'tenant', v_job.tenant_id, v_job.request_id,
                    jsonb_build_object('status', v_former_status), jsonb_build_object('status', 'active'));
            PERFORM reapply_status(v_job.tenant_id);
        END IF;
    END IF;
    RETURN EXISTS (SELECT FROM tenants WHERE id = v_job.tenant_id AND status = 'active');
END $$;
