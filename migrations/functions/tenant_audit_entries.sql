-- Returns the audit entries about a tenant and its request with an ID above `p_after`, at most `p_limit` (null for
-- all), in the order of their IDs.
CREATE OR REPLACE FUNCTION tenant_audit_entries(
    p_tenant_id uuid, p_request_id uuid, p_after bigint, p_limit integer
) RETURNS SETOF audit_log LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    -- Each branch reads its index in this order.
    RETURN QUERY
    SELECT * FROM (
        (SELECT * FROM audit_log WHERE request_id = p_request_id AND id > p_after ORDER BY id LIMIT p_limit)
        UNION ALL
        (SELECT * FROM audit_log
         WHERE request_id IS NULL AND subject_kind = 'tenant' AND subject_id = p_tenant_id AND id > p_after
         ORDER BY id LIMIT p_limit)) entry
    ORDER BY entry.id LIMIT p_limit;
END $$;
