-- Erases the person with a canonical e-mail address (docs/PRIVACY.md): replaces the person's data everywhere by a
-- random pseudonym, ends the access, and adds `person.erased` to the audit log. The caller holds the lock of access
-- rights and the lock of the address (`lock_address`), and rolls back after every outcome but `erased`. Returns
-- {"outcome"} with
--   nothing: the database has no data of the person
--   refused, and `refusals`: see `refusals_of_erasure`
--   erased, and `pseudonym`, `erasureId`, `places` [{"place", "rows"}]: the table and the number of changed rows
--
-- p_spellings       other spellings of the address
-- p_account_hashes  the hashes under which the limits of calls count the addresses
-- p_archives        the finished imports whose archives contain the address; the archives are deleted
-- p_reference       the number of the person's request, or null
CREATE OR REPLACE FUNCTION erase_person(
    p_email_canonical text, p_spellings text[], p_account_hashes bytea[], p_archives uuid[], p_reference text,
    p_actor_id uuid, p_actor_name text, p_client_address text
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_erasure_id uuid := gen_random_uuid();
    v_person identified_person := person_of_address(p_email_canonical, p_spellings);
    v_user_id uuid := v_person.user_id;
    v_refusals jsonb;
    v_places jsonb := '{}';
    v_audit jsonb;
    v_place record;
BEGIN
    PERFORM lock_rows_of_person(v_person);
    v_person := person_of_address(p_email_canonical, p_spellings);
    IF v_person.user_id IS DISTINCT FROM v_user_id THEN
        RAISE EXCEPTION 'the account changed' USING ERRCODE = 'serialization_failure';
    END IF;
    v_refusals := refusals_of_erasure(v_person, p_actor_id);
    IF v_refusals <> '[]' THEN
        RETURN jsonb_build_object('outcome', 'refused', 'refusals', v_refusals);
    END IF;
    LOOP
        v_person.pseudonym := 'erased-' || left(replace(gen_random_uuid()::text, '-', ''), 6);
        INSERT INTO person_erasures (id, pseudonym) VALUES (v_erasure_id, v_person.pseudonym)
        ON CONFLICT (pseudonym) DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;

    FOR v_place IN
        SELECT * FROM remove_person_from_tenants(v_person, p_actor_id, p_actor_name, p_client_address)
        UNION ALL
        SELECT * FROM end_access_of_person(v_person, p_account_hashes, p_actor_id, p_actor_name, p_client_address)
    LOOP
        v_places := add_rows(v_places, v_place.place, v_place.changed);
    END LOOP;
    UPDATE imports SET wrapped_key = NULL, ciphertext = NULL
    WHERE id = ANY (p_archives) AND ciphertext IS NOT NULL AND state IN ('completed', 'failed');
    v_places := add_rows(v_places, 'imports', cardinality(p_archives));
    FOR v_place IN
        SELECT c.oid::regclass AS name, c.relname FROM pg_class c
        WHERE c.relnamespace = 'tenantry'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname NOT IN ('_sqlx_migrations', 'audit_chain', 'audit_chain_progress', 'audit_log', 'audit_salts',
                                  'function_sets', 'person_erasures')
        ORDER BY coalesce(array_position(ARRAY['jobs', 'provisioning_requests', 'tenants'], c.relname::text), 9), 2
    LOOP
        v_places := add_rows(v_places, v_place.relname, erase_rows(v_place.name, v_person));
    END LOOP;
    v_audit := erase_person_from_audit_log(v_person, v_erasure_id);
    v_places := add_rows(v_places, 'audit_log', (v_audit ->> 'entries')::bigint);
    IF v_places = '{}' THEN
        RETURN jsonb_build_object('outcome', 'nothing');
    END IF;
    INSERT INTO audit_log (actor_id, actor_name, client_address, action, subject_kind, subject_id, after)
    VALUES (p_actor_id, p_actor_name, p_client_address, 'person.erased', 'person', v_erasure_id, jsonb_strip_nulls(
        jsonb_build_object(
            'pseudonym', v_person.pseudonym, 'reference', erased_text(p_reference, v_person, true, ''),
            'rows', v_places, 'auditValues', v_audit -> 'values', 'auditValuesHash', v_audit -> 'hash')));
    RETURN jsonb_build_object(
        'outcome', 'erased', 'pseudonym', v_person.pseudonym, 'erasureId', v_erasure_id, 'places', (
            SELECT jsonb_agg(jsonb_build_object('place', key, 'rows', value) ORDER BY key) FROM jsonb_each(v_places)));
END $$;
