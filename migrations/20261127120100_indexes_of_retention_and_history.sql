-- no-transaction
-- The indexes of the retention and the history. Calls use the tables while the indexes are built.
ALTER TABLE provisioning_requests VALIDATE CONSTRAINT requests_redacted_check;

-- The rows that the retention has not processed yet. A successful call adds no entry to the first two indexes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_retention_idx ON provisioning_requests (finished_at)
    WHERE status IN ('failed', 'rolled_back') AND redacted_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS attempts_retention_idx ON provisioning_attempts (finished_at)
    WHERE message IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_retention_idx ON jobs (finished_at)
    WHERE state IN ('succeeded', 'compensated') AND attempts_deleted_at IS NULL;

-- The history filters by employee, with and without a status. Without one, it reads the newest rows of each status.
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_employee_status_idx
    ON provisioning_requests (employee_id, status, created_at DESC, id DESC);
-- A filter by code and employee or status reads this index alone.
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_code_created_idx
    ON provisioning_requests (code, created_at DESC, id DESC) INCLUDE (employee_id, status) WHERE code IS NOT NULL;

-- A search reads periods of four days, the newest first, until it has filled a page. Within each period, these indexes
-- are ordered by the searched text. They include the columns by which the history is sorted.
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_period_slug_idx ON provisioning_requests
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), slug text_pattern_ops)
    INCLUDE (created_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_period_name_idx ON provisioning_requests
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), lower(name) text_pattern_ops)
    INCLUDE (name, created_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_period_email_idx ON provisioning_requests
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), owner_email text_pattern_ops)
    INCLUDE (created_at, id);

-- A search for the code of an existing tenant uses the index of the tenants.
CREATE INDEX CONCURRENTLY IF NOT EXISTS requests_rolled_back_code_idx ON provisioning_requests (tenant_code)
    WHERE status = 'rolled_back';
