-- Refuses a change after which no SUPER_ADMIN can sign in. A person who has not set a password yet does not count, and
-- can be disabled at any time.
CREATE OR REPLACE FUNCTION reject_loss_of_last_super_admin() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7303);
    IF EXISTS (SELECT FROM users WHERE id = OLD.user_id AND password_hash IS NOT NULL) AND NOT EXISTS (
        SELECT FROM employees e JOIN users u ON u.id = e.user_id
        WHERE e.kind = 'person' AND e.role = 'SUPER_ADMIN' AND e.status = 'active' AND u.password_hash IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a SUPER_ADMIN who can sign in must remain'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'employees_last_super_admin';
    END IF;
    RETURN NULL;
END $$;
