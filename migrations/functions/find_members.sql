-- Finds the members and the invited persons of a tenant whose name or address, as members see it, starts with
-- `p_prefix`, which is in lower case. Returns the IDs of the accounts: all, if fewer than `p_limit` match, and
-- otherwise at least `p_limit`.
--
-- PostgreSQL plans each search for its values: it reads the members of a small tenant, and for a large tenant the
-- index of the names.
CREATE OR REPLACE FUNCTION find_members(p_tenant_id uuid, p_prefix text, p_limit bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 50 SET search_path = tenantry, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    -- Ends with the last code point of Unicode, so every text with the prefix is in the range.
    v_end constant text := p_prefix || chr(1114111);
BEGIN
    RETURN QUERY (
        SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.tenant_id = p_tenant_id AND (m.joined_at IS NOT NULL OR m.invited_name IS NULL)
            AND lower(u.name) ~>=~ p_prefix AND lower(u.name) ~<=~ v_end
        LIMIT p_limit
    ) UNION (
        SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.tenant_id = p_tenant_id AND (m.joined_at IS NOT NULL OR m.invited_name IS NULL)
            AND u.email_canonical ~>=~ p_prefix AND u.email_canonical ~<=~ v_end
        LIMIT p_limit
    ) UNION (
        SELECT m.user_id FROM memberships m
        WHERE m.tenant_id = p_tenant_id AND m.joined_at IS NULL AND m.invited_name IS NOT NULL
            AND (lower(m.invited_name) ~>=~ p_prefix AND lower(m.invited_name) ~<=~ v_end
                OR lower(m.invited_email) ~>=~ p_prefix AND lower(m.invited_email) ~<=~ v_end)
        LIMIT p_limit
    );
END $$;
