-- no-transaction
-- The finished jobs whose attempts the retention has not deleted yet, superseded ones included. A job that creates a
-- tenant and is skipped has no attempts. A provisioning without steps adds no entry.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_finished_idx ON jobs (finished_at)
    WHERE (state IN ('succeeded', 'compensated') OR (state = 'skipped' AND NOT creates_tenant))
        AND attempts_deleted_at IS NULL;
