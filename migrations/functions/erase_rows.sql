-- Replaces the data of a person in every column of a table that contains text. Returns the number of changed rows.
--
-- The addresses are replaced everywhere, also in tables that a later version adds. The names are replaced in the rows
-- of the person, which have an address, the account or a request of the person, and in columns with free text. The
-- names of organisations remain.
CREATE OR REPLACE FUNCTION erase_rows(p_table regclass, p_person identified_person) RETURNS bigint
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_free_text CONSTANT text[] := ARRAY[
        'api_keys.name', 'breakers.message', 'imports.file_name', 'imports.problems', 'jobs.rollback_error',
        'jobs.rollback_reason', 'outbox_messages.content', 'outbox_messages.error', 'provisioning_attempts.message',
        'provisioning_requests.problem', 'step_attempts.message', 'tenants.suspension_reason'];
    v_organisations CONSTANT text[] := ARRAY[
        'tenants.external_id', 'tenants.industry', 'tenants.name', 'tenants.short_name',
        'tenant_settings.company_name'];
    v_table text := (SELECT relname FROM pg_class WHERE oid = p_table);
    v_columns text[];
    v_free_columns text[];
    v_is_about text;
    v_row record;
    v_column text;
    v_own identified_person;
    v_changes jsonb;
    v_round integer;
    v_count bigint := 0;
BEGIN
    SELECT array_agg(attname ORDER BY attnum),
        array_agg(attname ORDER BY attnum) FILTER (WHERE v_table || '.' || attname = ANY (v_free_text))
    INTO v_columns, v_free_columns
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE attrelid = p_table AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND (t.typcategory IN ('S', 'I') OR t.typname IN ('json', 'jsonb')
            OR EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND t.typcategory = 'A'
                AND (e.typcategory IN ('S', 'I') OR e.typname IN ('json', 'jsonb'))));
    IF v_columns IS NULL THEN
        RETURN 0;
    END IF;
    v_is_about := (
        SELECT coalesce(string_agg(CASE
            WHEN attname = 'user_id' THEN 'user_id = $3'
            WHEN attname = 'request_id' OR v_table = 'provisioning_requests' THEN attname || ' = ANY ($4)' END, ' OR '),
            'false')
        FROM pg_attribute WHERE attrelid = p_table AND NOT attisdropped AND (
            attname IN ('user_id', 'request_id') OR (v_table = 'provisioning_requests' AND attname = 'id')));
    FOR v_row IN EXECUTE format(
        'SELECT ctid AS place, to_jsonb(t) AS content, coalesce(%1$s, false) AS is_about FROM %2$s t
         WHERE lower(concat_ws(E''\n'', %3$s)) LIKE ANY ($1) OR lower(concat_ws(E''\n'', '''', %4$s)) LIKE ANY ($2)
            OR %1$s
         FOR UPDATE',
        v_is_about, p_table, (SELECT string_agg(quote_ident(name) || '::text', ', ') FROM unnest(v_columns) name),
        (SELECT coalesce(string_agg(quote_ident(name) || '::text', ', '), '''''') FROM unnest(v_free_columns) name))
        USING like_patterns(p_person.addresses),
            like_patterns(ARRAY(SELECT name FROM unnest(p_person.names) name WHERE name ~ '\s')),
            p_person.user_id, p_person.request_ids
    LOOP
        v_own := p_person;
        IF coalesce(v_row.content ->> CASE v_table WHEN 'provisioning_requests' THEN 'id' ELSE 'request_id' END, '')
            <> ALL (p_person.unused_request_ids::text[])
        THEN
            v_own.phones := '{}';
        END IF;
        -- The second round replaces the names in a row in which the first one found an address.
        FOR v_round IN 1..2 LOOP
            v_changes := '{}';
            FOREACH v_column IN ARRAY v_columns LOOP
                v_changes := v_changes || coalesce((
                    SELECT jsonb_build_object(v_column, erased)
                    FROM erased_json(v_row.content -> v_column, v_own,
                                     (v_row.is_about OR v_round = 2 OR v_column = ANY (v_free_columns))
                                     AND v_table || '.' || v_column <> ALL (v_organisations), v_column) erased
                    WHERE erased <> v_row.content -> v_column), '{}');
            END LOOP;
            EXIT WHEN v_changes = '{}' OR v_row.is_about;
        END LOOP;
        IF v_changes <> '{}' THEN
            EXECUTE format(
                'UPDATE %1$s SET (%2$s) = ROW (%3$s) FROM jsonb_populate_record(NULL::%1$s, $1) erased
                 WHERE %1$s.ctid = $2',
                p_table, (SELECT string_agg(quote_ident(key), ', ' ORDER BY key) FROM jsonb_object_keys(v_changes) key),
                (SELECT string_agg('erased.' || quote_ident(key), ', ' ORDER BY key)
                 FROM jsonb_object_keys(v_changes) key))
                USING v_changes, v_row.place;
            v_count := v_count + 1;
        END IF;
    END LOOP;
    RETURN v_count;
END $$;
