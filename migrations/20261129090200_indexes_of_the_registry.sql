-- no-transaction
-- The indexes of the registry. Calls use the tables while the indexes are built. A tombstone is in none of them.

-- The pages by time and by status. A page reads a few rows of each status and plan that its filters select.
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_status_created_idx
    ON tenants (status, plan, created_at DESC, id DESC) WHERE purged_at IS NULL;
-- The pages by name.
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_status_name_idx
    ON tenants (status, plan, lower(name) text_pattern_ops, id) INCLUDE (name, created_at) WHERE purged_at IS NULL;

-- The search, by periods of four days as in the history. The indexes include the columns of the filters and sort keys.
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_period_slug_idx ON tenants
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), slug text_pattern_ops)
    INCLUDE (created_at, id, status, plan, name) WHERE purged_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_period_name_idx ON tenants
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), lower(name) text_pattern_ops)
    INCLUDE (created_at, id, status, plan, name) WHERE purged_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_period_email_idx ON tenants
    ((((created_at AT TIME ZONE 'UTC')::date - DATE '2020-01-01') / 4), owner_email text_pattern_ops)
    INCLUDE (created_at, id, status, plan, name) WHERE purged_at IS NULL AND owner_email IS NOT NULL;
