-- Steps a second (SPEC section 11). A commit that notifies keeps every other such commit of the whole server
-- waiting until it is on disk, so that they cannot share one write. So claim_job and finish_step tell nobody of
-- the step that they begin: the worker does, in a statement whose commit waits for no disk, where it asks
-- whether the step's connector may be used.

-- Leases the job that has waited longest, its first open step begun: {"job", "step"}; null when
-- there is nothing to do. Also one whose worker's lease has ended.
CREATE OR REPLACE FUNCTION claim_job(p_worker text, p_lease interval) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step jsonb;
BEGIN
    LOOP
        SELECT * INTO v_job FROM jobs
        WHERE (state IN ('pending', 'retrying') AND due_at <= now()) ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            SELECT * INTO v_job FROM jobs
            WHERE state = 'running' AND lease_until < now() ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED;
        END IF;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        v_step := begin_next_step(v_job.id, p_worker);
        IF v_step ? 'dead' THEN
            PERFORM end_job(v_job.id, 'dead');
            CONTINUE;
        ELSIF v_step IS NULL THEN
            PERFORM end_job(v_job.id, 'succeeded');
            CONTINUE;
        END IF;
        UPDATE jobs SET state = 'running', worker = p_worker, lease_until = now() + p_lease WHERE id = v_job.id;
        RETURN jsonb_build_object('job', job_context(v_job.id), 'step', v_step);
    END LOOP;
END $$;

-- Ends a step well and begins the next, in one commit. {"mine": false} for one that was overtaken;
-- else {"mine": true} with `job` and `step` of the next, where there is one.
CREATE OR REPLACE FUNCTION finish_step(
    p_job_id uuid, p_position integer, p_attempt integer, p_reference text, p_worker text, p_lease interval
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_step jsonb;
    v_connector text;
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN jsonb_build_object('mine', false);
    END IF;
    UPDATE job_steps SET state = 'succeeded', external_reference = p_reference, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position RETURNING connector INTO v_connector;
    UPDATE step_attempts SET outcome = 'succeeded', finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    UPDATE breakers SET state = 'closed', failures = 0, until = NULL, changed_at = v_now
    WHERE connector = v_connector AND (state <> 'closed' OR failures > 0);
    v_step := begin_next_step(p_job_id, p_worker);
    IF v_step IS NULL THEN
        PERFORM end_job(p_job_id, 'succeeded');
        RETURN jsonb_build_object('mine', true);
    END IF;
    UPDATE jobs SET lease_until = v_now + p_lease WHERE id = p_job_id;
    RETURN jsonb_build_object('mine', true, 'step', v_step, 'job', job_context(p_job_id));
END $$;

-- What a step needs to know of its job. In SQL, a function that sets its search path is planned at each call;
-- that took nearly half of finish_step's time.
CREATE OR REPLACE FUNCTION job_context(p_job_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', j.id, 'requestId', j.request_id, 'blueprint', t.blueprint,
            'tenant', jsonb_build_object('id', t.id, 'code', t.code, 'slug', t.slug, 'name', t.name, 'plan', t.plan),
            'owner', jsonb_build_object('name', u.name, 'email', u.email),
            'references', (SELECT coalesce(jsonb_object_agg(s.name, s.external_reference), '{}')
                           FROM job_steps s WHERE s.job_id = j.id AND s.external_reference IS NOT NULL))
        FROM jobs j JOIN tenants t ON t.id = j.tenant_id LEFT JOIN users u ON u.id = t.owner_id
        WHERE j.id = p_job_id);
END $$;
