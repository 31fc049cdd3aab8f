-- Replaces the audit entry `p_entry` by `p_erased`, which lacks some of its values, and keeps the entry verifiable: the
-- salts of the erased values are deleted, and their salted hashes remain. An entry that is not in the chain yet has no
-- salts; the chain hashes what remains of it.
--
-- `p_erasure_id` is the erasure of a person, which the hashes then name. Null for the purge of a tenant.
--
-- The caller holds the lock of the chain (`lock_audit_chain`), so that no entry is appended meanwhile.
CREATE OR REPLACE FUNCTION erase_audit_values(
    p_entry audit_log, p_erased audit_log, p_erasure_id uuid DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_entry IS NOT DISTINCT FROM p_erased THEN
        RETURN;
    END IF;
    UPDATE audit_salts s SET seed = NULL, leaves = (
        SELECT jsonb_object_agg(former.path, CASE
            WHEN s.leaves #> ARRAY[former.path, 'digest'] IS NOT NULL THEN s.leaves -> former.path
            WHEN remaining.value = former.value THEN jsonb_build_object('salt', encode(salt.bytes, 'hex'))
            ELSE jsonb_strip_nulls(jsonb_build_object(
                'digest', encode(sha256(salt.bytes || convert_to(former.value::text, 'UTF8')), 'hex'),
                'erasure', p_erasure_id))
            END)
        FROM audit_leaves(p_entry) former
        LEFT JOIN audit_leaves(p_erased) remaining USING (path)
        CROSS JOIN LATERAL (SELECT CASE
            WHEN s.seed IS NULL THEN decode(s.leaves #>> ARRAY[former.path, 'salt'], 'hex')
            ELSE substring(sha256(s.seed || convert_to(former.path, 'UTF8')) FOR 16) END AS bytes) salt)
        -- The paths that no longer have a value.
        || coalesce((
            SELECT jsonb_object_agg(leaf.key, leaf.value) FROM jsonb_each(s.leaves) leaf
            WHERE leaf.value ? 'digest' AND NOT EXISTS (SELECT FROM audit_leaves(p_entry) WHERE path = leaf.key)), '{}')
    WHERE s.entry_id = p_entry.id;
    UPDATE audit_log SET
        actor_name = p_erased.actor_name, client_address = p_erased.client_address,
        before = p_erased.before, after = p_erased.after
    WHERE id = p_entry.id;
END $$;
