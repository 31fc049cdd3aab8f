-- The outbox of external work: a job carries the steps of one request (SPEC section 6).

CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL CONSTRAINT jobs_request_key UNIQUE REFERENCES provisioning_requests (id),
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    state text NOT NULL CONSTRAINT jobs_state_check CHECK (
        state IN ('pending', 'running', 'succeeded', 'skipped', 'retrying', 'dead', 'compensated')),
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX jobs_tenant_idx ON jobs (tenant_id);

CREATE TABLE job_steps (
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL CONSTRAINT job_steps_state_check CHECK (
        state IN ('pending', 'running', 'succeeded', 'skipped', 'retrying', 'dead', 'compensated')),
    attempt integer NOT NULL DEFAULT 0,
    external_reference text,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (job_id, position),
    CONSTRAINT job_steps_name_key UNIQUE (job_id, name)
);
