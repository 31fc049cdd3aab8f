-- no-transaction
-- Indexes that also have the ID have replaced these.
DROP INDEX CONCURRENTLY IF EXISTS audit_log_request_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_log_tenant_idx;
