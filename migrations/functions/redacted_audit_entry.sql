-- Returns an audit entry about a purged tenant without personal data: who made which change of which values, and when.
-- An actor that is not an employee, such as the owner or a program of the tenant, keeps its ID only. The trigger of the
-- audit log accepts no other update of an entry.
CREATE OR REPLACE FUNCTION redacted_audit_entry(p_entry audit_log) RETURNS audit_log
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    p_entry.before := redacted_audit_values(p_entry.before);
    p_entry.after := redacted_audit_values(p_entry.after);
    IF p_entry.actor_id IS NOT NULL AND NOT EXISTS (SELECT FROM employees WHERE id = p_entry.actor_id) THEN
        p_entry.actor_name := 'redacted';
        p_entry.client_address := NULL;
    END IF;
    RETURN p_entry;
END $$;
