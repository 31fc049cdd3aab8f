-- Returns an audit entry without the data of a person: the actor's name becomes the pseudonym, and the address of the
-- person's client is removed. See `erased_audit_values` for the other values.
CREATE OR REPLACE FUNCTION erased_audit_entry(p_entry audit_log, p_person identified_person) RETURNS audit_log
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_is_about boolean := coalesce(p_entry.subject_id = ANY (p_person.ids), false)
        OR coalesce(p_entry.request_id = ANY (p_person.request_ids), false)
        OR erased_audit_values(p_entry.before, p_person, false) IS DISTINCT FROM p_entry.before
        OR erased_audit_values(p_entry.after, p_person, false) IS DISTINCT FROM p_entry.after;
BEGIN
    -- The purge of a tenant has redacted some actors before.
    IF p_entry.actor_name <> 'redacted' AND (
        p_entry.actor_id = p_person.user_id OR p_entry.actor_id = p_person.employee_id
        OR erased_text(p_entry.actor_name, p_person, coalesce(p_entry.actor_id = ANY (p_person.ids), false), 'name')
            <> p_entry.actor_name)
    THEN
        p_entry.actor_name := p_person.pseudonym;
        p_entry.client_address := NULL;
    END IF;
    p_entry.before := erased_audit_values(p_entry.before, p_person, v_is_about);
    p_entry.after := erased_audit_values(p_entry.after, p_person, v_is_about);
    RETURN p_entry;
END $$;
