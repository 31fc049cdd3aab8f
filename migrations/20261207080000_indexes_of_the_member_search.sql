-- no-transaction
-- The search for members by the start of a name or an address.
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_name_idx ON users (lower(name) text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_email_idx ON users (email_canonical text_pattern_ops);
-- Not the owners of new tenants, who have no invited name: provisioning writes nothing to this index.
CREATE INDEX CONCURRENTLY IF NOT EXISTS memberships_invited_idx ON memberships (tenant_id)
    WHERE joined_at IS NULL AND invited_name IS NOT NULL;
