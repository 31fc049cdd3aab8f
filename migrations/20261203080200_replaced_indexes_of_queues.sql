-- no-transaction
-- `jobs_queue_due_idx` and `jobs_queue_waiting_idx` have replaced these indexes.
DROP INDEX CONCURRENTLY IF EXISTS jobs_due_idx;
DROP INDEX CONCURRENTLY IF EXISTS jobs_waiting_idx;
