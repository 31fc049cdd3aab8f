-- no-transaction
-- The order of the jobs in each queue.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_queue_due_idx ON jobs (queue, due_at)
    WHERE state IN ('pending', 'running', 'retrying') AND waiting_for IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_queue_waiting_idx ON jobs (waiting_for, queue, due_at)
    WHERE waiting_for IS NOT NULL;
