-- The management of employees, admin tokens and sessions (docs/specification.md, sections 2, 8 and 10).

ALTER TABLE employees
    -- The employee who created a service with its admin token. Null if an operator created the service.
    ADD COLUMN created_by uuid CONSTRAINT employees_created_by_fkey REFERENCES employees (id),
    ADD CONSTRAINT employees_created_by_check CHECK (kind = 'service' OR created_by IS NULL);
CREATE INDEX employees_created_by_idx ON employees (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX admin_tokens_employee_idx ON admin_tokens (employee_id);

-- Identifies a session without revealing its token.
ALTER TABLE sessions ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT sessions_id_key UNIQUE;

-- `employee_setup`: the token of a setup link, with which a new employee chooses a password.
ALTER TABLE one_time_tokens
    DROP CONSTRAINT one_time_tokens_purpose_check,
    ADD CONSTRAINT one_time_tokens_purpose_check CHECK (
        purpose IN ('first_admin', 'owner_invitation', 'employee_setup')
    ),
    ADD CONSTRAINT one_time_tokens_setup_names_account CHECK (purpose <> 'employee_setup' OR user_id IS NOT NULL);

-- Refuses a change after which no person is an active SUPER_ADMIN. The lock serialises concurrent changes.
-- Otherwise, two super admins could disable each other at the same time.
CREATE FUNCTION reject_loss_of_last_super_admin() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7303);
    IF NOT EXISTS (
        SELECT FROM employees WHERE kind = 'person' AND role = 'SUPER_ADMIN' AND status = 'active'
    ) THEN
        RAISE EXCEPTION 'an active SUPER_ADMIN must remain'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'employees_last_super_admin';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER employees_last_super_admin AFTER UPDATE OF role, status, kind ON employees
    FOR EACH ROW WHEN (
        OLD.kind = 'person' AND OLD.role = 'SUPER_ADMIN' AND OLD.status = 'active'
        AND NOT (NEW.kind = 'person' AND NEW.role = 'SUPER_ADMIN' AND NEW.status = 'active')
    ) EXECUTE FUNCTION reject_loss_of_last_super_admin();
