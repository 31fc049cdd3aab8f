-- Deletes at most `p_limit` messages that were finished before `p_before` and at least 30 days ago, with their jobs.
-- Returns their number.
CREATE OR REPLACE FUNCTION delete_messages(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_count integer;
BEGIN
    DELETE FROM outbox_messages WHERE id IN (
        SELECT id FROM outbox_messages WHERE finished_at < least(p_before, now() - interval '30 days')
        ORDER BY finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;
