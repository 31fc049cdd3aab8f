-- Sign-up (docs/specification.md, section 8): requests whose e-mail address is not verified yet, and the built-in
-- employee on whose behalf the atomic core creates their tenants.

CREATE TABLE sign_ups (
    -- Also the idempotency key of the provisioning request, so that a sign-up creates one tenant.
    id uuid PRIMARY KEY,
    -- The hash of the token in the latest link.
    token_hash bytea NOT NULL
        CONSTRAINT sign_ups_token_key UNIQUE
        CONSTRAINT sign_ups_token_hash_check CHECK (octet_length(token_hash) = 32),
    company text NOT NULL CONSTRAINT sign_ups_company_check CHECK (length(company) BETWEEN 1 AND 120),
    name text NOT NULL CONSTRAINT sign_ups_name_check CHECK (length(name) BETWEEN 1 AND 120),
    email text NOT NULL,
    email_canonical text NOT NULL CONSTRAINT sign_ups_email_check CHECK (length(email_canonical) BETWEEN 3 AND 254),
    -- The slug that the person chose. Null if it is derived from the company.
    slug text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    -- When the owner got the password.
    verified_at timestamptz,
    -- The provisioning request. It is not a foreign key, because the row is deleted long before the request.
    request_id uuid,
    CONSTRAINT sign_ups_verified_check CHECK (verified_at IS NULL OR request_id IS NOT NULL)
);
CREATE INDEX sign_ups_email_idx ON sign_ups (email_canonical, created_at DESC);
CREATE INDEX sign_ups_expires_idx ON sign_ups (expires_at);

-- An employee that belongs to the installation. Nobody can change it, delete it or create a token for it.
ALTER TABLE employees
    ADD COLUMN built_in text CONSTRAINT employees_built_in_key UNIQUE,
    ADD CONSTRAINT employees_built_in_check CHECK (
        built_in IS NULL OR (kind = 'service' AND created_by IS NULL AND status = 'active')
    );

CREATE FUNCTION protect_built_in_employee() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a built-in employee cannot be changed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'employees_built_in';
END $$;
CREATE TRIGGER employees_built_in_update BEFORE UPDATE ON employees
    FOR EACH ROW WHEN (OLD.built_in IS NOT NULL) EXECUTE FUNCTION protect_built_in_employee();
CREATE TRIGGER employees_built_in_delete BEFORE DELETE ON employees
    FOR EACH ROW WHEN (OLD.built_in IS NOT NULL) EXECUTE FUNCTION protect_built_in_employee();

CREATE FUNCTION refuse_token_of_built_in_employee() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM employees WHERE id = NEW.employee_id AND built_in IS NOT NULL) THEN
        RAISE EXCEPTION 'a built-in employee has no token'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'admin_tokens_built_in';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER admin_tokens_built_in BEFORE INSERT OR UPDATE OF employee_id ON admin_tokens
    FOR EACH ROW EXECUTE FUNCTION refuse_token_of_built_in_employee();

INSERT INTO employees (id, kind, name, role, built_in)
VALUES (gen_random_uuid(), 'service', 'signup', 'ADMIN', 'signup');

ALTER TABLE tenants
    -- Whether the tenant comes from a sign-up that an admin has to approve. Its steps wait for the approval, too.
    ADD COLUMN awaits_approval boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT tenants_approval_check CHECK (
        NOT awaits_approval OR purged_at IS NOT NULL
        OR (owner_id IS NOT NULL AND coalesce(status_before_deletion, status) = 'pending_activation')
    ) NOT VALID;
