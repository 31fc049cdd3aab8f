-- Returns the status of an account's invitation to a tenant: `accepted` if the account has joined the tenant.
-- Otherwise, the status of the link: `revoked`, `pending` or `expired`. `p_token` is null when the record of an
-- expired link was deleted.
CREATE OR REPLACE FUNCTION member_status(p_joined_at timestamptz, p_token one_time_tokens) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN p_joined_at IS NOT NULL THEN 'accepted'
        WHEN p_token.revoked_at IS NOT NULL THEN 'revoked'
        WHEN p_token.expires_at > clock_timestamp() THEN 'pending'
        ELSE 'expired'
    END;
END $$;
