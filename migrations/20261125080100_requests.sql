-- Provisioning requests, one per idempotency key, and their attempts (docs/specification.md, section 4).

CREATE TABLE provisioning_requests (
    id uuid PRIMARY KEY,
    employee_id uuid NOT NULL REFERENCES employees (id),
    operation text NOT NULL DEFAULT 'provision_tenant',
    idempotency_key uuid NOT NULL,
    -- HMAC-SHA-256 of the canonical payload. Null until a payload passes validation.
    fingerprint bytea CONSTRAINT requests_fingerprint_check CHECK (octet_length(fingerprint) = 32),
    status text NOT NULL CONSTRAINT requests_status_check CHECK (
        status IN ('processing', 'completed', 'failed', 'rolled_back')
    ),
    attempt integer NOT NULL DEFAULT 1 CONSTRAINT requests_attempt_check CHECK (attempt >= 1),
    payload jsonb NOT NULL,
    -- The response body without the secrets that are shown once. A replay returns it.
    response jsonb,
    code text,
    problem jsonb,
    -- Copies for the search. The tenant row is authoritative.
    slug text NOT NULL,
    name text NOT NULL,
    owner_email text NOT NULL,
    tenant_id uuid,
    tenant_code text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    elapsed_ms double precision,
    CONSTRAINT requests_key_key UNIQUE (employee_id, operation, idempotency_key),
    CONSTRAINT requests_completed_check CHECK (
        status <> 'completed'
        OR (response IS NOT NULL AND tenant_id IS NOT NULL AND tenant_code IS NOT NULL AND fingerprint IS NOT NULL)
    ),
    CONSTRAINT requests_failed_check CHECK (status <> 'failed' OR code IS NOT NULL),
    CONSTRAINT requests_finished_check CHECK ((status = 'processing') = (finished_at IS NULL))
);
CREATE INDEX requests_recent_idx ON provisioning_requests (created_at DESC, id DESC);
CREATE INDEX requests_status_idx ON provisioning_requests (status, created_at DESC, id DESC);
CREATE INDEX requests_employee_idx ON provisioning_requests (employee_id, created_at DESC, id DESC);
CREATE INDEX requests_code_idx ON provisioning_requests (code, created_at DESC, id DESC) WHERE code IS NOT NULL;
-- The search indexes include the columns that the history is sorted by, so that a query reads only one page of rows.
CREATE INDEX requests_slug_idx ON provisioning_requests (slug text_pattern_ops) INCLUDE (created_at, id);
CREATE INDEX requests_name_idx ON provisioning_requests (lower(name) text_pattern_ops) INCLUDE (name, created_at, id);
CREATE INDEX requests_email_idx ON provisioning_requests (owner_email text_pattern_ops) INCLUDE (created_at, id);
CREATE INDEX requests_tenant_code_idx ON provisioning_requests (tenant_code) WHERE tenant_code IS NOT NULL;
CREATE INDEX requests_idempotency_key_idx ON provisioning_requests (idempotency_key);

CREATE TABLE provisioning_attempts (
    request_id uuid NOT NULL REFERENCES provisioning_requests (id) ON DELETE CASCADE,
    number integer NOT NULL,
    status text NOT NULL CONSTRAINT attempts_status_check CHECK (
        status IN ('processing', 'completed', 'failed', 'rolled_back')
    ),
    code text,
    constraint_name text,
    message text,
    -- The stages that the attempt reached, in order: [{"stage": "received", "offsetMs": 0.0}, …].
    stages jsonb NOT NULL DEFAULT '[]',
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (request_id, number)
);
