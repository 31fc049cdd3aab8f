-- Locks a canonical e-mail address until the end of the transaction. Calls that name a new owner share the lock. The
-- erasure of the person with the address has it alone, so that each such call ends before the erasure, or begins after
-- it. Take this lock before the locks of rows.
CREATE OR REPLACE FUNCTION lock_address(p_email_canonical text, p_is_erasure boolean) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_is_erasure THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('address ' || p_email_canonical, 0));
    ELSE
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('address ' || p_email_canonical, 0));
    END IF;
END $$;
