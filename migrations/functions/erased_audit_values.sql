-- Returns the values of an audit entry without the data of a person. A text with such data becomes the pseudonym, and
-- every other value null, because the chain cannot verify a part of a value. If `p_is_about`, the entry is about the
-- person, and values with the person's name are replaced, too.
CREATE OR REPLACE FUNCTION erased_audit_values(p_values jsonb, p_person identified_person, p_is_about boolean)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN CASE WHEN p_values IS NOT NULL THEN (
        SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN erased_json(value, p_person, p_is_about OR key IN ('reason', 'message'), key) = value THEN value
            WHEN jsonb_typeof(value) = 'string' THEN to_jsonb(p_person.pseudonym)
            ELSE 'null' END), '{}')
        FROM jsonb_each(p_values)) END;
END $$;
