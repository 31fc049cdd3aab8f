-- The external pipeline (SPEC section 6). A worker leases a job and takes its steps in order; what it
-- writes names the step's attempt, and an older attempt writes nothing. What may follow what is the
-- domain's `StepRecord`; a test compares the two.

ALTER TABLE jobs
    -- When a worker may take it next.
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN lease_until timestamptz,
    ADD COLUMN worker text,
    -- Of a dead job: when it died.
    ADD COLUMN dead_at timestamptz;
-- A job outlives its tenant: what was done and undone stays on record.
ALTER TABLE jobs
    ALTER COLUMN tenant_id DROP NOT NULL,
    DROP CONSTRAINT jobs_tenant_id_fkey,
    ADD CONSTRAINT jobs_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE SET NULL;
CREATE INDEX jobs_due_idx ON jobs (due_at) WHERE state IN ('pending', 'retrying');
CREATE INDEX jobs_leased_idx ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead_idx ON jobs (dead_at) WHERE state = 'dead';

ALTER TABLE job_steps
    -- How many of its tries are used up.
    ADD COLUMN tries integer NOT NULL DEFAULT 0,
    -- What it talks to; a test compares this with the domain's.
    ADD COLUMN connector text NOT NULL GENERATED ALWAYS AS (CASE name
        WHEN 'STEP_1_COPY_DB' THEN 'database_copy'
        WHEN 'STEP_2_ODOO18_AUTH' THEN 'odoo18'
        WHEN 'STEP_3_ODOO18_UPDATE_ADMIN_USER' THEN 'odoo18'
        WHEN 'STEP_4_ODOO19_UPSERT_TENANT' THEN 'odoo19'
        WHEN 'STEP_5_ODOO19_UPSERT_TENANT_USER' THEN 'odoo19'
        WHEN 'STEP_6_BRIDGE_METADATA_UPSERT' THEN 'bridge'
        ELSE 'core' END) STORED,
    ADD CONSTRAINT job_steps_tries_check CHECK (tries BETWEEN 0 AND 5);

-- Each time that a step was begun.
CREATE TABLE step_attempts (
    job_id uuid NOT NULL,
    position integer NOT NULL,
    number integer NOT NULL,
    worker text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    outcome text CONSTRAINT step_attempts_outcome_check CHECK (outcome IN ('succeeded', 'failed', 'released', 'lost')),
    code text,
    message text,
    PRIMARY KEY (job_id, position, number),
    CONSTRAINT step_attempts_step_fkey FOREIGN KEY (job_id, position) REFERENCES job_steps (job_id, position) ON DELETE CASCADE
);

-- One breaker for each connector that ever failed.
CREATE TABLE breakers (
    connector text PRIMARY KEY,
    state text NOT NULL DEFAULT 'closed' CONSTRAINT breakers_state_check CHECK (state IN ('closed', 'open', 'half_open')),
    failures integer NOT NULL DEFAULT 0,
    -- Until when it is left alone, or until when the probe has time.
    until timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now(),
    message text
);

-- Who works, as of their last heartbeat.
CREATE TABLE workers (
    name text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- What a tenant's steps must keep secret, encrypted with the master key.
CREATE TABLE tenant_secrets (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    field text NOT NULL,
    -- The data key, wrapped; nonce before each ciphertext.
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, field)
);

-- Tells listeners which request changed, and workers that there may be something to do.
CREATE FUNCTION notify_change(p_request_id uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('tenantry_changes', p_request_id::text)
$$;
CREATE FUNCTION tell_new_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tenantry_jobs', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_tell_new AFTER INSERT ON jobs FOR EACH ROW WHEN (NEW.state = 'pending') EXECUTE FUNCTION tell_new_job();

-- Begins the first step that is not settled: {"position", "name", "attempt", "tries"}; null when
-- there is none. A step whose tries ended with its workers dies here.
CREATE FUNCTION begin_next_step(p_job_id uuid, p_worker text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_step job_steps;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO v_step FROM job_steps
    WHERE job_id = p_job_id AND state IN ('pending', 'running', 'retrying') ORDER BY position LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF v_step.state = 'running' THEN
        UPDATE step_attempts SET finished_at = v_now, outcome = 'lost', code = 'CONNECTOR_TIMEOUT', message = 'the worker was lost'
        WHERE job_id = p_job_id AND position = v_step.position AND number = v_step.attempt;
        IF v_step.tries >= 5 THEN
            UPDATE job_steps SET state = 'dead', finished_at = v_now WHERE job_id = p_job_id AND position = v_step.position;
            RETURN jsonb_build_object('dead', true);
        END IF;
    END IF;
    UPDATE job_steps SET state = 'running', attempt = attempt + 1, tries = tries + 1, started_at = v_now, finished_at = NULL
    WHERE job_id = p_job_id AND position = v_step.position RETURNING * INTO v_step;
    INSERT INTO step_attempts (job_id, position, number, worker, started_at)
    VALUES (p_job_id, v_step.position, v_step.attempt, p_worker, v_now);
    RETURN jsonb_build_object('position', v_step.position, 'name', v_step.name, 'attempt', v_step.attempt, 'tries', v_step.tries);
END $$;

-- Leases the job that has waited longest, its first open step begun: {"job", "step"}; null when
-- there is nothing to do. Also one whose worker's lease has ended.
CREATE FUNCTION claim_job(p_worker text, p_lease interval) RETURNS jsonb
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
        PERFORM notify_change(v_job.request_id);
        RETURN jsonb_build_object('job', job_context(v_job.id), 'step', v_step);
    END LOOP;
END $$;

-- What a step needs to know of its job.
CREATE FUNCTION job_context(p_job_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = tenantry, pg_temp AS $$
    SELECT jsonb_build_object(
        'id', j.id, 'requestId', j.request_id, 'blueprint', t.blueprint,
        'tenant', jsonb_build_object('id', t.id, 'code', t.code, 'slug', t.slug, 'name', t.name, 'plan', t.plan),
        'owner', jsonb_build_object('name', u.name, 'email', u.email),
        'references', (SELECT coalesce(jsonb_object_agg(s.name, s.external_reference), '{}')
                       FROM job_steps s WHERE s.job_id = j.id AND s.external_reference IS NOT NULL))
    FROM jobs j JOIN tenants t ON t.id = j.tenant_id LEFT JOIN users u ON u.id = t.owner_id
    WHERE j.id = p_job_id
$$;

CREATE FUNCTION end_job(p_job_id uuid, p_state text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request_id uuid;
BEGIN
    UPDATE jobs SET state = p_state, lease_until = NULL, worker = NULL, finished_at = clock_timestamp(),
        dead_at = CASE p_state WHEN 'dead' THEN clock_timestamp() END
    WHERE id = p_job_id RETURNING request_id INTO v_request_id;
    PERFORM notify_change(v_request_id);
END $$;

-- Whether this attempt is still the step's own; locks the job and the step.
CREATE FUNCTION is_current_attempt(p_job_id uuid, p_position integer, p_attempt integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM FROM jobs WHERE id = p_job_id FOR UPDATE;
    PERFORM FROM job_steps
    WHERE job_id = p_job_id AND position = p_position AND attempt = p_attempt AND state = 'running' FOR UPDATE;
    RETURN FOUND;
END $$;

-- Ends a step well and begins the next, in one commit. {"mine": false} for one that was overtaken;
-- else {"mine": true} with `job` and `step` of the next, where there is one.
CREATE FUNCTION finish_step(
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
    PERFORM notify_change((SELECT request_id FROM jobs WHERE id = p_job_id));
    RETURN jsonb_build_object('mine', true, 'step', v_step, 'job', job_context(p_job_id));
END $$;

-- Ends a step badly: again after `p_again`, or dead where that is null. False for one that was
-- overtaken. `p_trips`: whether it counts for the connector's breaker.
CREATE FUNCTION fail_step(
    p_job_id uuid, p_position integer, p_attempt integer, p_code text, p_message text, p_again interval, p_trips boolean
) RETURNS boolean LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_connector text;
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE job_steps SET state = CASE WHEN p_again IS NULL THEN 'dead' ELSE 'retrying' END, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position RETURNING connector INTO v_connector;
    UPDATE step_attempts SET outcome = 'failed', code = p_code, message = p_message, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    PERFORM breaker_report(v_connector, p_trips, p_message);
    IF p_again IS NULL THEN
        PERFORM end_job(p_job_id, 'dead');
    ELSE
        UPDATE jobs SET state = 'retrying', due_at = v_now + p_again, lease_until = NULL, worker = NULL WHERE id = p_job_id;
        PERFORM notify_change((SELECT request_id FROM jobs WHERE id = p_job_id));
    END IF;
    RETURN true;
END $$;

-- Gives a step back undone, without using up a try: the worker stops, or the breaker is open.
CREATE FUNCTION hand_back_step(p_job_id uuid, p_position integer, p_attempt integer, p_wait interval, p_message text) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE job_steps SET state = 'retrying', tries = greatest(tries - 1, 0), finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position;
    UPDATE step_attempts SET outcome = 'released', message = p_message, finished_at = v_now
    WHERE job_id = p_job_id AND position = p_position AND number = p_attempt;
    UPDATE jobs SET state = 'retrying', due_at = v_now + p_wait, lease_until = NULL, worker = NULL WHERE id = p_job_id;
    PERFORM notify_change((SELECT request_id FROM jobs WHERE id = p_job_id));
    PERFORM pg_notify('tenantry_jobs', '');
    RETURN true;
END $$;

-- Keeps a lease, and the worker among the living. False when the step is another's by now.
CREATE FUNCTION keep_lease(p_job_id uuid, p_position integer, p_attempt integer, p_worker text, p_lease interval) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE workers SET seen_at = clock_timestamp() WHERE name = p_worker;
    UPDATE jobs j SET lease_until = clock_timestamp() + p_lease FROM job_steps s
    WHERE j.id = p_job_id AND s.job_id = j.id AND s.position = p_position AND s.attempt = p_attempt AND s.state = 'running';
    RETURN FOUND;
END $$;

-- Whether the connector may be used now: null for yes, else how long to wait. Of those who ask when
-- an open breaker's time is up, one may: the probe.
CREATE FUNCTION breaker_wait(p_connector text, p_probe interval) RETURNS interval
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_breaker breakers;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO v_breaker FROM breakers WHERE connector = p_connector AND state <> 'closed';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- The probe's own time may be up too: its worker was lost.
    UPDATE breakers SET state = 'half_open', until = v_now + p_probe, changed_at = v_now
    WHERE connector = p_connector AND state <> 'closed' AND until <= v_now;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    -- A probe is over sooner than its time is up.
    RETURN CASE v_breaker.state WHEN 'half_open' THEN interval '2 seconds' ELSE greatest(v_breaker.until - v_now, interval '1 second') END;
END $$;

-- Notes a failure; the fifth in a row, or that of a probe, opens the breaker for half a minute.
CREATE FUNCTION breaker_report(p_connector text, p_trips boolean, p_message text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_trips AND p_connector <> 'core' THEN
        INSERT INTO breakers AS b (connector, failures, message) VALUES (p_connector, 1, p_message)
        ON CONFLICT (connector) DO UPDATE SET
            failures = b.failures + 1, message = p_message,
            state = CASE WHEN b.failures + 1 >= 5 OR b.state = 'half_open' THEN 'open' ELSE b.state END,
            until = CASE WHEN b.failures + 1 >= 5 OR b.state = 'half_open' THEN clock_timestamp() + interval '30 seconds' ELSE b.until END,
            changed_at = clock_timestamp();
    ELSIF NOT p_trips THEN
        -- It answered, if not as it should: the connector itself is there.
        UPDATE breakers SET state = 'closed', failures = 0, until = NULL, changed_at = clock_timestamp()
        WHERE connector = p_connector AND state = 'half_open';
    END IF;
END $$;

-- The last step's own work: the tenant is active from now on. Answers whether it is.
CREATE FUNCTION activate_tenant(p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_tenant tenants;
    v_request_id uuid;
BEGIN
    SELECT request_id INTO STRICT v_request_id FROM jobs WHERE id = p_job_id;
    UPDATE tenants t SET status = 'active', activated_at = clock_timestamp() FROM jobs j
    WHERE j.id = p_job_id AND t.id = j.tenant_id AND t.status = 'provisioning' RETURNING t.* INTO v_tenant;
    IF FOUND THEN
        INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
        VALUES (NULL, 'pipeline', 'tenant.activated', 'tenant', v_tenant.id, v_request_id,
                jsonb_build_object('status', 'provisioning'), jsonb_build_object('status', 'active'));
    END IF;
    RETURN EXISTS (SELECT FROM jobs j JOIN tenants t ON t.id = j.tenant_id WHERE j.id = p_job_id AND t.status = 'active');
END $$;

-- An admin's decision on a dead step: `retry` it with all its tries, or `skip` it. Raises TN404 or
-- TN409. Audited.
CREATE FUNCTION decide_dead_step(p_request_id uuid, p_employee_id uuid, p_decision text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step job_steps;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE request_id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such job' USING ERRCODE = 'TN404';
    END IF;
    SELECT * INTO v_step FROM job_steps WHERE job_id = v_job.id AND state = 'dead' ORDER BY position LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR v_job.state <> 'dead' THEN
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

-- Takes a job out of the workers' reach before it is undone, and answers its facts, with the steps that
-- may have had an effect as `begun`. Raises TN404, or
-- TN409 while a worker has it or when it is done.
CREATE FUNCTION begin_rollback(p_request_id uuid) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE request_id = p_request_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such job' USING ERRCODE = 'TN404';
    ELSIF v_job.state NOT IN ('pending', 'retrying', 'dead') THEN
        RAISE EXCEPTION 'the job is %', v_job.state USING ERRCODE = 'TN409';
    END IF;
    UPDATE job_steps SET state = 'dead' WHERE job_id = v_job.id AND position = (
        SELECT min(position) FROM job_steps WHERE job_id = v_job.id AND state IN ('pending', 'retrying'));
    PERFORM end_job(v_job.id, 'dead');
    RETURN job_context(v_job.id) || jsonb_build_object('begun', (
        SELECT coalesce(jsonb_agg(name ORDER BY position), '[]') FROM job_steps WHERE job_id = v_job.id AND attempt > 0));
END $$;

-- The end of a rollback, after the effects outside are gone: the tenant too, and the steps say so.
CREATE FUNCTION finish_rollback(p_request_id uuid, p_employee_id uuid, p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE job_steps SET state = 'compensated', finished_at = clock_timestamp()
    WHERE job_id = (SELECT id FROM jobs WHERE request_id = p_request_id) AND state NOT IN ('skipped', 'compensated');
    UPDATE jobs SET state = 'compensated', dead_at = NULL, finished_at = clock_timestamp() WHERE request_id = p_request_id;
    PERFORM rollback_provisioning(p_request_id, p_employee_id, p_reason);
    PERFORM notify_change(p_request_id);
END $$;
