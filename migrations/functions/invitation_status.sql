-- Returns the status of an account's invitation: `accepted` if the account has a password. Otherwise, the status of the
-- link: `revoked`, `pending` or `expired`. `p_token` is null when the record of an expired link was deleted.
CREATE OR REPLACE FUNCTION invitation_status(p_user users, p_token one_time_tokens) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN p_user.password_hash IS NOT NULL THEN 'accepted'
        WHEN p_token.revoked_at IS NOT NULL THEN 'revoked'
        WHEN p_token.expires_at > clock_timestamp() THEN 'pending'
        ELSE 'expired'
    END;
END $$;
