-- The registry searches tenants by the address of their owner (docs/specification.md, section 9), in an index of the
-- table `tenants`.

ALTER TABLE tenants
    -- The owner's address in lower case, from `users`. Null for a tenant without an owner.
    ADD COLUMN owner_email text;

-- Copies the address of a new owner. The core inserts the address itself.
CREATE FUNCTION copy_owner_email() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    NEW.owner_email := (SELECT lower(email) FROM users WHERE id = NEW.owner_id);
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_owner_email_of_insert BEFORE INSERT ON tenants
    FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL AND NEW.owner_email IS NULL) EXECUTE FUNCTION copy_owner_email();
CREATE TRIGGER tenants_owner_email_of_update BEFORE UPDATE OF owner_id ON tenants
    FOR EACH ROW WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id) EXECUTE FUNCTION copy_owner_email();

-- Copies the changed address of an account to the tenants that it owns.
CREATE FUNCTION copy_changed_email() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE tenants SET owner_email = lower(NEW.email) WHERE owner_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER users_email_of_tenants AFTER UPDATE OF email ON users
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION copy_changed_email();
