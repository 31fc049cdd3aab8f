-- no-transaction
-- A search for the start of a slug or of an owner's address, in the order by name. The first three characters select a
-- part of the index, which is in the order of the page. The indexes include the columns of the filters and sort keys.
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_slug_name_idx ON tenants
    (left(slug, 3) text_pattern_ops, lower(name) text_pattern_ops, id)
    INCLUDE (slug, name, created_at, status, plan) WHERE purged_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tenants_email_name_idx ON tenants
    (left(owner_email, 3) text_pattern_ops, lower(name) text_pattern_ops, id)
    INCLUDE (owner_email, name, created_at, status, plan) WHERE purged_at IS NULL AND owner_email IS NOT NULL;
