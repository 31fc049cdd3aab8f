-- Returns a JSON value without the data of a person, as `erased_text` does. A telephone number becomes null.
CREATE OR REPLACE FUNCTION erased_json(p_value jsonb, p_person identified_person, p_with_names boolean, p_key text)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN CASE jsonb_typeof(p_value)
        WHEN 'object' THEN (
            SELECT coalesce(jsonb_object_agg(
                erased_text(key, p_person, false, ''), erased_json(value, p_person, p_with_names, key)), '{}')
            FROM jsonb_each(p_value))
        WHEN 'array' THEN (
            SELECT coalesce(jsonb_agg(erased_json(value, p_person, p_with_names, p_key) ORDER BY position), '[]')
            FROM jsonb_array_elements(p_value) WITH ORDINALITY AS element (value, position))
        WHEN 'string' THEN CASE
            WHEN p_value #>> '{}' = ANY (p_person.phones) THEN 'null'
            ELSE to_jsonb(erased_text(p_value #>> '{}', p_person, p_with_names, p_key)) END
        ELSE p_value END;
END $$;
