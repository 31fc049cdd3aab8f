-- Erases the data of a person from the audit log, and keeps the chain verifiable. The caller has locked the chain, and
-- has added the erasure to `person_erasures`. Returns {"entries", "values", "hash"}: the number of changed entries, the
-- number of values that were erased from entries in the chain, and the hash of their places, which the entry about the
-- erasure records (docs/AUDIT.md).
CREATE OR REPLACE FUNCTION erase_person_from_audit_log(p_person identified_person, p_erasure_id uuid) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_unused_tenants uuid[] := ARRAY(SELECT id FROM tenants WHERE request_id = ANY (p_person.unused_request_ids));
    v_addresses text[] := like_patterns(p_person.addresses);
    v_names text[] := like_patterns(ARRAY(SELECT name FROM unnest(p_person.names) name WHERE name ~ '\s'));
    v_ids bigint[] := '{}';
    v_entry audit_log;
    v_erased audit_log;
    v_own identified_person;
    v_values bigint;
    v_hash text;
BEGIN
    FOR v_entry IN
        SELECT * FROM audit_log
        WHERE actor_id = ANY (p_person.ids) OR subject_id = ANY (p_person.ids)
            OR request_id = ANY (p_person.request_ids) OR subject_id = ANY (v_unused_tenants)
            OR lower(concat_ws(E'\n', actor_name, before::text, after::text)) LIKE ANY (v_addresses)
            OR lower(concat_ws(E'\n', before ->> 'reason', after ->> 'reason', before ->> 'message',
                               after ->> 'message')) LIKE ANY (v_names)
        ORDER BY id
    LOOP
        v_own := p_person;
        IF coalesce(v_entry.request_id <> ALL (p_person.unused_request_ids), true)
            AND coalesce(v_entry.subject_id <> ALL (v_unused_tenants), true)
        THEN
            v_own.phones := '{}';
        END IF;
        v_erased := erased_audit_entry(v_entry, v_own);
        IF v_erased IS DISTINCT FROM v_entry THEN
            PERFORM erase_audit_values(v_entry, v_erased, p_erasure_id);
            v_ids := v_ids || v_entry.id;
        END IF;
    END LOOP;
    SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(
        salts.entry_id || ' ' || leaf.key, E'\n' ORDER BY salts.entry_id, leaf.key COLLATE "C"), ''), 'UTF8')), 'hex')
    INTO v_values, v_hash
    FROM audit_salts salts, jsonb_each(salts.leaves) leaf
    WHERE salts.entry_id = ANY (v_ids) AND leaf.value ->> 'erasure' = p_erasure_id::text;
    RETURN jsonb_build_object('entries', cardinality(v_ids), 'values', v_values, 'hash', v_hash);
END $$;
