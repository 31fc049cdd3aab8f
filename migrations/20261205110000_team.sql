-- The team (docs/specification.md, sections 8 to 10): scopes of admin tokens, when an employee signed in, the device of
-- a session, and the notification that ends event streams.

ALTER TABLE employees
    -- What the token of a service may do in the API. Null if only the role limits the token.
    ADD COLUMN scopes text[],
    ADD COLUMN last_sign_in_at timestamptz,
    ADD CONSTRAINT employees_scopes_check CHECK (
        scopes IS NULL OR (kind = 'service' AND cardinality(scopes) > 0)
    ) NOT VALID;

-- Null if the client did not say, and for sessions from before this migration.
ALTER TABLE sessions
    ADD COLUMN device text CONSTRAINT sessions_device_check CHECK (length(device) <= 100),
    ADD COLUMN address text CONSTRAINT sessions_address_check CHECK (length(address) <= 100);

-- The same rule as for updates. No program deletes employees, so this refuses only statements of an operator.
CREATE TRIGGER employees_last_super_admin_deleted AFTER DELETE ON employees
    FOR EACH ROW WHEN (OLD.kind = 'person' AND OLD.role = 'SUPER_ADMIN' AND OLD.status = 'active')
    EXECUTE FUNCTION reject_loss_of_last_super_admin();

-- Notifies the servers that an access right was lost or changed, so that open event streams read the role again. All
-- notifications of a transaction have the same payload, so PostgreSQL sends one.
CREATE FUNCTION notify_access_change() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM pg_notify('tenantry_access', '');
    RETURN NULL;
END $$;
CREATE TRIGGER employees_access_changed AFTER UPDATE OF role, status ON employees
    FOR EACH ROW WHEN ((OLD.role, OLD.status) IS DISTINCT FROM (NEW.role, NEW.status))
    EXECUTE FUNCTION notify_access_change();
CREATE TRIGGER admin_tokens_access_changed AFTER UPDATE OF revoked_at ON admin_tokens
    FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at) EXECUTE FUNCTION notify_access_change();
CREATE TRIGGER sessions_access_changed AFTER DELETE ON sessions
    FOR EACH ROW WHEN (OLD.expires_at > now()) EXECUTE FUNCTION notify_access_change();
