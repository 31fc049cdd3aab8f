-- no-transaction
-- Maintenance reads the latest message, and the finished messages that belong to no tenant and no account.
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_messages_created_idx ON outbox_messages (created_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_messages_unbound_idx ON outbox_messages (finished_at)
    WHERE tenant_id IS NULL AND user_id IS NULL;
