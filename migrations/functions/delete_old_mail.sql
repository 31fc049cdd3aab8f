-- Deletes at most `p_limit` jobs of messages that were finished 7 days ago, dead ones included, and at most `p_limit`
-- messages without a tenant and an account that were finished 30 days ago, such as those of sign-ups.
CREATE OR REPLACE FUNCTION delete_old_mail(p_limit integer) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    DELETE FROM jobs WHERE id IN (
        SELECT id FROM jobs WHERE queue = 'mail' AND finished_at < now() - interval '7 days'
            AND state IN ('succeeded', 'dead')
        ORDER BY finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    DELETE FROM outbox_messages WHERE id IN (
        SELECT id FROM outbox_messages
        WHERE finished_at < now() - interval '30 days' AND tenant_id IS NULL AND user_id IS NULL
        ORDER BY finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
END $$;
