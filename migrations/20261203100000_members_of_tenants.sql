-- The members of a tenant (docs/specification.md, section 7): an invited account becomes a member when the person
-- accepts the invitation.

ALTER TABLE memberships
    -- When the account joined the tenant. Null for an invited account that has not accepted the invitation.
    ADD COLUMN joined_at timestamptz,
    -- The name and the address to which a member sent the invitation. Null for an owner. Members see these values until
    -- the account joins, because the account may belong to a person with another name.
    ADD COLUMN invited_name text,
    ADD COLUMN invited_email text,
    DROP CONSTRAINT memberships_role_check,
    ADD CONSTRAINT memberships_role_check CHECK (role IN ('owner', 'admin', 'member')) NOT VALID,
    ADD CONSTRAINT memberships_invited_check CHECK (
        length(invited_name) BETWEEN 1 AND 120 AND length(invited_email) <= 320
    ) NOT VALID;

-- The person who accepts an invitation joins the tenant. Triggers, because servers of the previous version accept
-- invitations too.
CREATE FUNCTION join_by_invitation() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE memberships SET joined_at = NEW.used_at
    WHERE tenant_id = NEW.tenant_id AND user_id = NEW.user_id AND joined_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER one_time_tokens_join AFTER UPDATE OF used_at ON one_time_tokens
    FOR EACH ROW WHEN (NEW.purpose = 'owner_invitation' AND OLD.used_at IS NULL AND NEW.used_at IS NOT NULL)
    EXECUTE FUNCTION join_by_invitation();

-- The owner of several tenants accepts one invitation for all of them, because only the first link sets a password.
CREATE FUNCTION join_as_owner() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE memberships m SET joined_at = clock_timestamp() FROM tenants t
    WHERE m.user_id = NEW.id AND m.joined_at IS NULL AND t.id = m.tenant_id AND t.owner_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER users_join_as_owner AFTER UPDATE OF password_hash ON users
    FOR EACH ROW WHEN (OLD.password_hash IS NULL AND NEW.password_hash IS NOT NULL)
    EXECUTE FUNCTION join_as_owner();

-- The owner of a tenant is a member with the role `owner`. Code that removes an owner names another one first.
CREATE FUNCTION reject_loss_of_owner() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM tenants WHERE id = OLD.tenant_id AND owner_id = OLD.user_id) THEN
        RAISE EXCEPTION 'the tenant must have an owner'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_owner_remains';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_owner_keeps_role AFTER UPDATE OF role ON memberships
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION reject_loss_of_owner();
CREATE TRIGGER memberships_owner_remains AFTER DELETE ON memberships
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION reject_loss_of_owner();
