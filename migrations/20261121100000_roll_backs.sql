-- A rollback, once begun, is only ever finished: no step may rely on what it has undone outside, and
-- one that was cut off is taken up again.

ALTER TABLE jobs
    ADD COLUMN rollback_began_at timestamptz,
    ADD COLUMN rollback_reason text,
    -- Null when nobody asked: the job waited too long for a decision.
    ADD COLUMN rollback_by uuid REFERENCES employees (id),
    -- What the last try could not undo, for admins.
    ADD COLUMN rollback_error text,
    ADD CONSTRAINT jobs_rollback_check CHECK ((rollback_began_at IS NULL) = (rollback_reason IS NULL));

DROP FUNCTION begin_rollback(uuid);
DROP FUNCTION finish_rollback(uuid, uuid, text);

-- Takes a job out of the workers' reach before it is undone, for good, and answers its facts, with the
-- steps that may have had an effect as `begun`. Whoever takes it up later changes neither the reason nor
-- who asked. Where nobody asked, only what was begun before, or is dead for longer than `p_unattended`.
-- Raises TN404, or TN409 while a worker has it or when its tenant is active or gone. Audited.
CREATE FUNCTION begin_rollback(p_request_id uuid, p_employee_id uuid, p_reason text, p_unattended interval) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE request_id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such job' USING ERRCODE = 'TN404';
    ELSIF v_job.state NOT IN ('pending', 'retrying', 'dead') THEN
        RAISE EXCEPTION 'the job is %', v_job.state USING ERRCODE = 'TN409';
    ELSIF p_employee_id IS NULL AND v_job.rollback_began_at IS NULL
          AND (v_job.state = 'dead' AND v_job.dead_at < now() - p_unattended) IS NOT TRUE THEN
        RAISE EXCEPTION 'somebody has decided meanwhile' USING ERRCODE = 'TN409';
    END IF;
    -- What a tenant at work has outside is never undone.
    PERFORM FROM tenants WHERE id = v_job.tenant_id AND status = 'provisioning' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the tenant is active or gone' USING ERRCODE = 'TN409';
    END IF;
    IF v_job.rollback_began_at IS NULL THEN
        UPDATE job_steps SET state = 'dead' WHERE job_id = v_job.id AND position = (
            SELECT min(position) FROM job_steps WHERE job_id = v_job.id AND state IN ('pending', 'retrying'));
    END IF;
    IF v_job.rollback_began_at IS NULL OR p_employee_id IS NOT NULL THEN
        INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, after)
        VALUES (p_employee_id, coalesce((SELECT name FROM employees WHERE id = p_employee_id), 'pipeline'),
                CASE WHEN v_job.rollback_began_at IS NULL THEN 'tenant.rollback_began' ELSE 'tenant.rollback_resumed' END,
                'tenant', v_job.tenant_id, p_request_id, jsonb_build_object('reason', p_reason));
    END IF;
    -- Whoever takes it up by itself leaves it alone for a while.
    UPDATE jobs SET
        state = 'dead', dead_at = coalesce(dead_at, clock_timestamp()), due_at = clock_timestamp() + interval '5 minutes',
        rollback_by = CASE WHEN rollback_began_at IS NULL THEN p_employee_id ELSE rollback_by END,
        rollback_reason = coalesce(rollback_reason, p_reason),
        rollback_began_at = coalesce(rollback_began_at, clock_timestamp()), rollback_error = NULL
    WHERE id = v_job.id;
    PERFORM notify_change(p_request_id);
    RETURN job_context(v_job.id) || jsonb_build_object('begun', (
        SELECT coalesce(jsonb_agg(name ORDER BY position), '[]') FROM job_steps WHERE job_id = v_job.id AND attempt > 0));
END $$;

-- Notes what a try of a rollback could not undo.
CREATE FUNCTION record_rollback_error(p_request_id uuid, p_problem text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE jobs SET rollback_error = p_problem WHERE request_id = p_request_id;
    PERFORM notify_change(p_request_id);
END $$;

-- The end of a rollback, after the effects outside are gone: the tenant too, and the steps say so.
-- Raises TN409 unless it was begun.
CREATE FUNCTION finish_rollback(p_request_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE request_id = p_request_id FOR UPDATE;
    IF v_job.state IS DISTINCT FROM 'dead' OR v_job.rollback_began_at IS NULL THEN
        RAISE EXCEPTION 'the job is %', coalesce(v_job.state, 'gone') USING ERRCODE = 'TN409';
    END IF;
    UPDATE job_steps SET state = 'compensated', finished_at = clock_timestamp()
    WHERE job_id = v_job.id AND state NOT IN ('skipped', 'compensated');
    UPDATE jobs SET state = 'compensated', dead_at = NULL, rollback_error = NULL, finished_at = clock_timestamp() WHERE id = v_job.id;
    PERFORM rollback_provisioning(p_request_id, v_job.rollback_by, v_job.rollback_reason);
    PERFORM notify_change(p_request_id);
END $$;

-- The requests whose rollback was begun and cut off, or whose dead step nobody decided on for
-- `p_unattended` (null: for ever).
CREATE FUNCTION rollbacks_due(p_unattended interval) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = tenantry, pg_temp AS $$
    SELECT j.request_id FROM jobs j JOIN tenants t ON t.id = j.tenant_id AND t.status = 'provisioning'
    WHERE j.state = 'dead' AND CASE WHEN j.rollback_began_at IS NULL THEN j.dead_at < now() - p_unattended ELSE j.due_at < now() END
    ORDER BY j.dead_at LIMIT 100
$$;

-- As before, but not once a rollback was begun; and where a step is named, on that one only.
DROP FUNCTION decide_dead_step(uuid, uuid, text);
CREATE FUNCTION decide_dead_step(
    p_request_id uuid, p_employee_id uuid, p_decision text, p_step text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step job_steps;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE request_id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such job' USING ERRCODE = 'TN404';
    ELSIF v_job.rollback_began_at IS NOT NULL THEN
        RAISE EXCEPTION 'the job is being rolled back' USING ERRCODE = 'TN409';
    END IF;
    SELECT * INTO v_step FROM job_steps WHERE job_id = v_job.id AND state = 'dead' ORDER BY position LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR v_job.state <> 'dead' OR v_step.name <> p_step THEN
        RAISE EXCEPTION 'the job is %', v_job.state USING ERRCODE = 'TN409';
    END IF;
    UPDATE job_steps SET
        state = CASE p_decision WHEN 'skip' THEN 'skipped' ELSE 'retrying' END,
        tries = CASE p_decision WHEN 'skip' THEN tries ELSE 0 END
    WHERE job_id = v_job.id AND position = v_step.position;
    UPDATE jobs SET state = 'retrying', due_at = now(), dead_at = NULL, finished_at = NULL WHERE id = v_job.id;
    INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
    VALUES (p_employee_id, coalesce((SELECT name FROM employees WHERE id = p_employee_id), 'operator'),
            CASE p_decision WHEN 'skip' THEN 'step.skipped' ELSE 'step.retried' END, 'tenant', v_job.tenant_id, p_request_id,
            jsonb_build_object('step', v_step.name, 'state', 'dead', 'tries', v_step.tries), jsonb_build_object('step', v_step.name));
    PERFORM notify_change(p_request_id);
    PERFORM pg_notify('tenantry_jobs', '');
END $$;

-- As before, but says that the pipeline did it where nobody asked for the rollback of a job, and refuses
-- while there are effects outside that nobody has undone.
CREATE OR REPLACE FUNCTION rollback_provisioning(
    p_request_id uuid, p_employee_id uuid, p_reason text, p_even_active boolean DEFAULT false
) RETURNS text LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request provisioning_requests;
    v_tenant tenants;
    v_by text := coalesce(
        (SELECT name FROM employees WHERE id = p_employee_id),
        (SELECT 'pipeline' FROM jobs WHERE request_id = p_request_id AND rollback_began_at IS NOT NULL),
        'operator');
BEGIN
    SELECT * INTO v_request FROM provisioning_requests WHERE id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'TN404';
    END IF;
    SELECT * INTO v_tenant FROM tenants WHERE request_id = p_request_id FOR UPDATE;
    IF v_request.status <> 'completed' OR v_tenant.id IS NULL OR (v_tenant.status = 'active' AND NOT p_even_active) THEN
        RAISE EXCEPTION 'the request is %, the tenant %', v_request.status, coalesce(v_tenant.status, 'gone') USING ERRCODE = 'TN409';
    END IF;
    IF EXISTS (SELECT FROM jobs j JOIN job_steps s ON s.job_id = j.id
               WHERE j.request_id = p_request_id AND j.state <> 'compensated' AND s.attempt > 0) THEN
        RAISE EXCEPTION 'the tenant has effects outside: roll its job back' USING ERRCODE = 'TN409';
    END IF;
    DELETE FROM tenants WHERE id = v_tenant.id;
    DELETE FROM users u WHERE u.id = v_tenant.owner_id AND u.created_by_request = p_request_id
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
        AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id);
    UPDATE provisioning_requests SET
        status = 'rolled_back', finished_at = clock_timestamp(), problem = jsonb_build_object('reason', p_reason)
    WHERE id = p_request_id;
    INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
    VALUES (p_employee_id, v_by, 'tenant.rolled_back',
            'tenant', v_tenant.id, p_request_id, to_jsonb(v_tenant), jsonb_build_object('reason', p_reason));
    RETURN 'rolled_back';
END $$;

-- As before, but only for a worker: one that was thought lost must not activate what is being undone.
CREATE OR REPLACE FUNCTION activate_tenant(p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_tenant tenants;
BEGIN
    SELECT * INTO STRICT v_job FROM jobs WHERE id = p_job_id FOR UPDATE;
    IF v_job.state = 'running' THEN
        UPDATE tenants SET status = 'active', activated_at = clock_timestamp()
        WHERE id = v_job.tenant_id AND status = 'provisioning' RETURNING * INTO v_tenant;
        IF FOUND THEN
            INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
            VALUES (NULL, 'pipeline', 'tenant.activated', 'tenant', v_tenant.id, v_job.request_id,
                    jsonb_build_object('status', 'provisioning'), jsonb_build_object('status', 'active'));
        END IF;
    END IF;
    RETURN EXISTS (SELECT FROM tenants WHERE id = v_job.tenant_id AND status = 'active');
END $$;
