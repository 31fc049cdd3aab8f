-- no-transaction
-- The audit entries about a tenant in the order of their IDs, so that a purge redacts them in batches, and an export
-- reads them page by page.
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_log_request_order_idx ON audit_log (request_id, id)
    WHERE request_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_log_tenant_order_idx ON audit_log (subject_id, id)
    WHERE subject_kind = 'tenant' AND request_id IS NULL;
