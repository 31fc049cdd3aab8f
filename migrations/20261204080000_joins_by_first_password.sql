-- The owner of several tenants accepts one invitation for all of them, because only the first link sets a password.
-- Invitations that cannot be used are not accepted: those that were revoked or have expired, and those to a suspended
-- or deleted tenant. The trigger `one_time_tokens_join` then sets `joined_at`.
CREATE OR REPLACE FUNCTION join_as_owner() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE one_time_tokens o SET used_at = clock_timestamp() FROM tenants t
    WHERE o.user_id = NEW.id AND o.purpose = 'owner_invitation' AND o.used_at IS NULL AND o.revoked_at IS NULL
        AND o.expires_at > now() AND t.id = o.tenant_id AND t.owner_id = NEW.id
        AND t.status NOT IN ('suspended', 'deleted');
    RETURN NULL;
END $$;
