-- no-transaction
-- Finds the audit entries about a tenant that do not name its request. A provisioning adds no entry to this index.
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_log_tenant_idx ON audit_log (subject_id)
    WHERE subject_kind = 'tenant' AND request_id IS NULL;
