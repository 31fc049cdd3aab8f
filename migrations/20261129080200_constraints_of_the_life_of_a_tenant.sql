-- no-transaction
-- Validates the constraints of the life of a tenant, and adds the indexes of what maintenance does on a date. A tenant
-- that is neither on trial nor deleted adds no entry to these indexes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_trial_idx ON tenants (trial_ends_at)
    WHERE trial_ends_at IS NOT NULL AND status = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_purge_idx ON tenants (deleted_at)
    WHERE deleted_at IS NOT NULL AND purged_at IS NULL;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_owner_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_suspension_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_suspension_reason_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_deletion_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_status_before_deletion_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_purge_check;
ALTER TABLE provisioning_requests VALIDATE CONSTRAINT requests_redacted_check;
