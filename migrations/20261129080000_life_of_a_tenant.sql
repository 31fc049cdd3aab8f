-- The life of a tenant after its provisioning (docs/specification.md, section 7): the allowed changes of its status,
-- and what a change needs to be undone.

ALTER TABLE tenants
    ADD COLUMN suspension_reason text,
    -- The status that a restore gives back. Null unless the tenant is deleted.
    ADD COLUMN status_before_deletion text,
    -- The number of the row's version. The API sends it as the ETag.
    ADD COLUMN version integer NOT NULL DEFAULT 1;

-- The former slugs of tenants. A former slug still finds its tenant, and no other tenant can have it.
CREATE TABLE tenant_former_slugs (
    slug text PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT tenant_former_slugs_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    renamed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX tenant_former_slugs_tenant_idx ON tenant_former_slugs (tenant_id);

-- The next migrations complete existing rows and validate the constraints.
ALTER TABLE tenants
    DROP CONSTRAINT tenants_owner_check,
    ADD CONSTRAINT tenants_owner_check CHECK (
        owner_id IS NOT NULL OR status IN ('provisioning', 'pending_activation', 'setup_incomplete', 'deleted')
    ) NOT VALID,
    ADD CONSTRAINT tenants_suspension_check CHECK (
        status <> 'suspended' OR (suspended_at IS NOT NULL AND suspension_reason IS NOT NULL)
    ) NOT VALID,
    ADD CONSTRAINT tenants_suspension_reason_check CHECK (length(suspension_reason) BETWEEN 1 AND 500) NOT VALID,
    ADD CONSTRAINT tenants_deletion_check CHECK (
        (status = 'deleted') = (deleted_at IS NOT NULL) AND (status = 'deleted') = (status_before_deletion IS NOT NULL)
    ) NOT VALID,
    ADD CONSTRAINT tenants_status_before_deletion_check CHECK (
        status_before_deletion IN ('pending_activation', 'setup_incomplete', 'active', 'suspended')
    ) NOT VALID,
    ADD CONSTRAINT tenants_purge_check CHECK (purged_at IS NULL OR (status = 'deleted' AND owner_id IS NULL)) NOT VALID;
-- A purge removes the personal data of the request that created the tenant.
ALTER TABLE provisioning_requests
    DROP CONSTRAINT requests_redacted_check,
    ADD CONSTRAINT requests_redacted_check CHECK (
        redacted_at IS NULL
        OR (payload = '{}' AND slug = '' AND name = '' AND owner_email = '' AND CASE status
            WHEN 'completed' THEN response = '{}'
            ELSE status IN ('failed', 'rolled_back') AND response IS NULL AND fingerprint IS NULL END)
    ) NOT VALID;

-- Refuses each change of the status that docs/specification.md, section 7, does not list, and keeps the columns that
-- belong to a status. `TenantStatus::may_become` in the crate `domain` has the same table; a test compares both.
CREATE FUNCTION guard_tenant_status() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF OLD.purged_at IS NOT NULL OR NOT (CASE OLD.status
        WHEN 'provisioning' THEN NEW.status = 'active'
        WHEN 'pending_activation' THEN NEW.status IN ('active', 'deleted')
        WHEN 'setup_incomplete' THEN NEW.status IN ('active', 'deleted')
        WHEN 'active' THEN NEW.status IN ('suspended', 'deleted')
        WHEN 'suspended' THEN NEW.status IN ('active', 'deleted')
        WHEN 'deleted' THEN
            NEW.status = OLD.status_before_deletion AND OLD.deleted_at > clock_timestamp() - interval '30 days'
        ELSE false END)
    THEN
        RAISE EXCEPTION 'a tenant that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'TN409', CONSTRAINT = 'tenants_status_change';
    END IF;
    IF NEW.status = 'deleted' THEN
        NEW.status_before_deletion := OLD.status;
        NEW.deleted_at := clock_timestamp();
    ELSIF OLD.status = 'deleted' THEN
        NEW.status_before_deletion := NULL;
        NEW.deleted_at := NULL;
    ELSIF NEW.status = 'suspended' THEN
        NEW.suspended_at := clock_timestamp();
    ELSE
        NEW.suspended_at := NULL;
        NEW.suspension_reason := NULL;
        NEW.activated_at := coalesce(NEW.activated_at, clock_timestamp());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_guard_status BEFORE UPDATE OF status ON tenants
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION guard_tenant_status();

CREATE FUNCTION count_tenant_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_version BEFORE UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION count_tenant_version();

-- Keeps the former slug of a tenant, and refuses the former slug of another one. The check runs after the row is in the
-- unique index, so it sees the former slugs of a renaming for which the index made it wait.
CREATE FUNCTION reserve_former_slugs() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM tenant_former_slugs WHERE slug = NEW.slug AND tenant_id <> NEW.id) THEN
        RAISE EXCEPTION 'the slug % is the former slug of another tenant', NEW.slug
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'tenants_slug_key';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM tenant_former_slugs WHERE slug = NEW.slug;
        INSERT INTO tenant_former_slugs (slug, tenant_id) VALUES (OLD.slug, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tenants_slug_of_insert AFTER INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION reserve_former_slugs();
CREATE TRIGGER tenants_slug_of_update AFTER UPDATE OF slug ON tenants
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug AND NEW.purged_at IS NULL) EXECUTE FUNCTION reserve_former_slugs();
