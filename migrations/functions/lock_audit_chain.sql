-- Locks the chain of the audit log until the transaction ends. Appending entries and erasing values exclude each other.
CREATE OR REPLACE FUNCTION lock_audit_chain() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7305)
$$;
