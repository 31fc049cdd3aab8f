-- Deletes the tenant of a completed request, and the owner's account if the request created the account and nothing
-- else uses the account. The slug and the e-mail address become available. The request becomes `rolled_back` and keeps
-- the reason. Returns the new status. Adds an entry to the audit log, whose actor is `pipeline` if maintenance started
-- the rollback. Raises TN404 if the request does not exist; TN409 if it is not completed, its tenant is gone, the
-- tenant is neither `provisioning` nor `pending_activation` and `p_include_active` is false, or effects in external
-- systems have not been removed.
--
-- Locks the jobs, the request and the tenant, in this order. Every function that locks more than one of them uses
-- this order.
CREATE OR REPLACE FUNCTION rollback_provisioning(
    p_request_id uuid, p_employee_id uuid, p_reason text, p_include_active boolean DEFAULT false
) RETURNS text LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request provisioning_requests;
    v_tenant tenants;
    v_job jobs;
    v_actor_name text := coalesce(
        (SELECT name FROM employees WHERE id = p_employee_id),
        (SELECT 'pipeline' FROM jobs WHERE request_id = p_request_id AND rollback_began_at IS NOT NULL),
        'operator');
BEGIN
    -- From now on, no worker can claim the job.
    SELECT * INTO v_job FROM jobs WHERE request_id = p_request_id FOR UPDATE;
    PERFORM FROM jobs WHERE tenant_id = v_job.tenant_id ORDER BY id FOR UPDATE;
    SELECT * INTO v_request FROM provisioning_requests WHERE id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'TN404';
    END IF;
    SELECT * INTO v_tenant FROM tenants WHERE request_id = p_request_id FOR UPDATE;
    IF v_request.status <> 'completed' OR v_tenant.id IS NULL
       OR (v_tenant.status NOT IN ('provisioning', 'pending_activation') AND NOT p_include_active) THEN
        RAISE EXCEPTION 'the request is %, the tenant %', v_request.status, coalesce(v_tenant.status, 'gone')
            USING ERRCODE = 'TN409';
    END IF;
    IF v_job.state <> 'compensated' THEN
        IF EXISTS (SELECT FROM job_steps WHERE job_id = v_job.id AND attempt > 0) THEN
            RAISE EXCEPTION 'effects in external systems must be removed first: roll the job back'
                USING ERRCODE = 'TN409';
        END IF;
        PERFORM mark_job_compensated(v_job.id);
    END IF;
    PERFORM supersede_lifecycle_jobs(v_tenant.id);
    DELETE FROM jobs WHERE tenant_id = v_tenant.id AND is_lifecycle_kind(kind);
    PERFORM lock_mail_jobs(v_tenant.id);
    DELETE FROM tenants WHERE id = v_tenant.id;
    DELETE FROM users u WHERE u.id = v_tenant.owner_id AND u.created_by_request = p_request_id
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
        AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id);
    UPDATE provisioning_requests SET
        status = 'rolled_back', finished_at = clock_timestamp(), problem = jsonb_build_object('reason', p_reason)
    WHERE id = p_request_id;
    INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
    VALUES (p_employee_id, v_actor_name, 'tenant.rolled_back', 'tenant', v_tenant.id, p_request_id,
            to_jsonb(v_tenant), jsonb_build_object('reason', p_reason));
    RETURN 'rolled_back';
END $$;
