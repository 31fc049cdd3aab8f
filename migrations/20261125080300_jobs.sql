-- Jobs, their steps, and the state that workers share (docs/specification.md, section 6).
-- A worker leases a job and runs its steps in order. Every write of a worker names the step's attempt, so that the
-- write of a superseded worker has no effect.

CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- The kind of work, such as `provisioning`. The log and the health page show it; no function depends on it.
    kind text NOT NULL CONSTRAINT jobs_kind_check CHECK (kind <> ''),
    -- Null for a job that does not belong to a provisioning request.
    request_id uuid CONSTRAINT jobs_request_key UNIQUE REFERENCES provisioning_requests (id),
    -- Null for a job without a tenant, and after the tenant is deleted. The job stays as the record of its steps.
    tenant_id uuid CONSTRAINT jobs_tenant_fkey REFERENCES tenants (id) ON DELETE SET NULL,
    -- Whether the job is a part of creating its tenant. Such a job can be rolled back until the tenant is active, and
    -- its rollback deletes the tenant.
    creates_tenant boolean NOT NULL,
    -- The input of the steps, except for data that other tables contain.
    parameters jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL CONSTRAINT jobs_state_check CHECK (
        state IN ('pending', 'running', 'succeeded', 'skipped', 'retrying', 'dead', 'compensated')
    ),
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- The time from which a worker may claim the job. After a rollback has begun, no worker claims the job, and this is
    -- the time from which maintenance may resume the rollback.
    due_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    worker text,
    -- The time at which the job became dead. Null in every other state.
    dead_at timestamptz,
    rollback_began_at timestamptz,
    rollback_reason text,
    -- The admin who started the rollback. Null for a rollback that maintenance started.
    rollback_by uuid REFERENCES employees (id),
    -- Why the last run of the rollback failed. Null while a rollback runs, and after it succeeded.
    rollback_error text,
    -- The step whose effect the last run of the rollback could not remove.
    rollback_error_step text,
    CONSTRAINT jobs_creates_tenant_check CHECK (NOT creates_tenant OR request_id IS NOT NULL),
    CONSTRAINT jobs_rollback_check CHECK ((rollback_began_at IS NULL) = (rollback_reason IS NULL))
);
CREATE INDEX jobs_tenant_idx ON jobs (tenant_id);
CREATE INDEX jobs_due_idx ON jobs (due_at) WHERE state IN ('pending', 'retrying');
CREATE INDEX jobs_leased_idx ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead_idx ON jobs (dead_at) WHERE state = 'dead';

-- Wakes the workers when a job is created.
CREATE FUNCTION notify_new_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tenantry_jobs', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_notify_new AFTER INSERT ON jobs
    FOR EACH ROW WHEN (NEW.state = 'pending') EXECUTE FUNCTION notify_new_job();

-- The allowed transitions are those of `StepRecord` in the crate `domain`. A test compares the two.
CREATE TABLE job_steps (
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL CONSTRAINT job_steps_state_check CHECK (
        state IN ('pending', 'running', 'succeeded', 'skipped', 'retrying', 'dead', 'compensated')
    ),
    -- The number of the current attempt: how many times the step was started.
    attempt integer NOT NULL DEFAULT 0,
    -- How many attempts count towards the limit of five. A released attempt does not count, and a retry by an admin
    -- starts again at 0.
    counted_attempts integer NOT NULL DEFAULT 0
        CONSTRAINT job_steps_counted_attempts_check CHECK (counted_attempts BETWEEN 0 AND 5),
    external_reference text,
    started_at timestamptz,
    finished_at timestamptz,
    -- The connector whose circuit breaker guards the step.
    connector text NOT NULL,
    PRIMARY KEY (job_id, position),
    CONSTRAINT job_steps_name_key UNIQUE (job_id, name)
);

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
    CONSTRAINT step_attempts_step_fkey FOREIGN KEY (job_id, position)
        REFERENCES job_steps (job_id, position) ON DELETE CASCADE
);

-- One circuit breaker for each connector that has failed at least once.
CREATE TABLE breakers (
    connector text PRIMARY KEY,
    state text NOT NULL DEFAULT 'closed' CONSTRAINT breakers_state_check CHECK (
        state IN ('closed', 'open', 'half_open')
    ),
    -- Consecutive failures.
    failures integer NOT NULL DEFAULT 0,
    -- In the state `open`, the time from which a step may test the connector. In the state `half_open`, the time at
    -- which the running test times out.
    until timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now(),
    message text
);

-- Running workers and their last heartbeats.
CREATE TABLE workers (
    name text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
);
