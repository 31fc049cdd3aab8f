-- no-transaction
-- `jobs_finished_idx` has replaced the index.
DROP INDEX CONCURRENTLY IF EXISTS jobs_retention_idx;
