-- Returns the values of an audit entry that the chain of the audit log hashes one by one, so that each can be erased:
-- the name of the actor, the address of the client, and each member of `before` and `after`.
CREATE OR REPLACE FUNCTION audit_leaves(p_entry audit_log) RETURNS TABLE (path text, value jsonb)
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'actor', to_jsonb(p_entry.actor_name)
    UNION ALL SELECT 'address', to_jsonb(p_entry.client_address) WHERE p_entry.client_address IS NOT NULL
    UNION ALL SELECT 'before.' || member.key, member.value FROM jsonb_each(p_entry.before) member
    UNION ALL SELECT 'after.' || member.key, member.value FROM jsonb_each(p_entry.after) member
$$;
