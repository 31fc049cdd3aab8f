-- Returns whether `p_new` is the audit entry `p_old` with values that are replaced by the pseudonym of an erased
-- person, or removed. The trigger of the audit log accepts no other change.
CREATE OR REPLACE FUNCTION is_erased_audit_entry(p_old audit_log, p_new audit_log, p_pseudonym text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_expected audit_log := p_old;
BEGIN
    v_expected.actor_name := p_new.actor_name;
    v_expected.client_address := p_new.client_address;
    v_expected.before := p_new.before;
    v_expected.after := p_new.after;
    RETURN v_expected IS NOT DISTINCT FROM p_new
        AND p_new.actor_name IN (p_old.actor_name, p_pseudonym)
        AND coalesce(p_new.client_address = p_old.client_address, p_new.client_address IS NULL)
        AND (p_old.before IS NULL) = (p_new.before IS NULL) AND (p_old.after IS NULL) = (p_new.after IS NULL)
        AND NOT EXISTS (
            SELECT FROM (
                SELECT 'before' AS side, key, value FROM jsonb_each(p_old.before)
                UNION ALL SELECT 'after', key, value FROM jsonb_each(p_old.after)) former
            FULL JOIN (
                SELECT 'before' AS side, key, value FROM jsonb_each(p_new.before)
                UNION ALL SELECT 'after', key, value FROM jsonb_each(p_new.after)) remaining USING (side, key)
            WHERE former.value IS NULL OR remaining.value IS NULL
                OR (former.value <> remaining.value AND remaining.value NOT IN ('null', to_jsonb(p_pseudonym))));
END $$;
