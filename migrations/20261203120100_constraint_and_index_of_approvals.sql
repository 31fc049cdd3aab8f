-- no-transaction
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_approval_check;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_approval_idx ON tenants (created_at) WHERE awaits_approval;
