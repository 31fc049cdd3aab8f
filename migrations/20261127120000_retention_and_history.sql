-- Retention (docs/specification.md, section 9), and the indexes of the history.

ALTER TABLE provisioning_requests
    -- When the retention removed the payload and the personal data. A retry with the same key stores them again.
    ADD COLUMN redacted_at timestamptz,
    ADD CONSTRAINT requests_redacted_check CHECK (
        redacted_at IS NULL
        OR (status IN ('failed', 'rolled_back') AND payload = '{}' AND response IS NULL AND fingerprint IS NULL
            AND slug = '' AND name = '' AND owner_email = '')
    );
-- When the retention deleted the attempts of the steps.
ALTER TABLE jobs ADD COLUMN attempts_deleted_at timestamptz;

-- The rows that the retention has not processed yet. A successful call adds no entry to the first two indexes.
CREATE INDEX requests_retention_idx ON provisioning_requests (finished_at)
    WHERE status IN ('failed', 'rolled_back') AND redacted_at IS NULL;
CREATE INDEX attempts_retention_idx ON provisioning_attempts (finished_at) WHERE message IS NOT NULL;
CREATE INDEX jobs_retention_idx ON jobs (finished_at)
    WHERE state IN ('succeeded', 'compensated') AND attempts_deleted_at IS NULL;

-- The history filters by employee, with and without a status. Without one, it reads the newest rows of each status.
CREATE INDEX requests_employee_status_idx ON provisioning_requests (employee_id, status, created_at DESC, id DESC);
DROP INDEX requests_employee_idx;
-- A filter by code and employee or status reads this index alone.
DROP INDEX requests_code_idx;
CREATE INDEX requests_code_idx ON provisioning_requests (code, created_at DESC, id DESC) INCLUDE (employee_id, status)
    WHERE code IS NOT NULL;

-- A search reads periods of four days, the newest first, until it has filled a page. Within each period, these indexes
-- are ordered by the searched text. They include the columns by which the history is sorted.
DROP INDEX requests_slug_idx, requests_name_idx, requests_email_idx;
CREATE INDEX requests_slug_idx ON provisioning_requests
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), slug text_pattern_ops)
    INCLUDE (created_at, id);
CREATE INDEX requests_name_idx ON provisioning_requests
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), lower(name) text_pattern_ops)
    INCLUDE (name, created_at, id);
CREATE INDEX requests_email_idx ON provisioning_requests
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), owner_email text_pattern_ops)
    INCLUDE (created_at, id);

-- A search for the code of an existing tenant uses the index of the tenants.
DROP INDEX requests_tenant_code_idx;
CREATE INDEX requests_rolled_back_code_idx ON provisioning_requests (tenant_code) WHERE status = 'rolled_back';
