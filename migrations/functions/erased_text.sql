-- Returns a text without the addresses and the telephone numbers of a person, and without the names if `p_with_names`.
-- `p_key` is the name of the column or of the JSON member. A name of one word is also a common word, so it is replaced
-- only where it is the complete value of a column or member for names.
CREATE OR REPLACE FUNCTION erased_text(p_text text, p_person identified_person, p_with_names boolean, p_key text)
RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_text text := p_text;
    v_part text;
BEGIN
    FOREACH v_part IN ARRAY p_person.addresses LOOP
        IF strpos(lower(v_text), v_part) > 0 THEN
            v_text := regexp_replace(
                v_text,
                '(?<![[:alnum:].+_-])' || regexp_replace(v_part, '(\W)', '\\\1', 'g')
                    || '(?![[:alnum:]-])(?!\.[[:alnum:]])',
                p_person.pseudonym || '@erased.invalid', 'gi');
        END IF;
    END LOOP;
    FOREACH v_part IN ARRAY p_person.phones LOOP
        IF strpos(v_text, v_part) > 0 THEN
            v_text := replace(v_text, v_part, p_person.pseudonym);
        END IF;
    END LOOP;
    IF NOT p_with_names THEN
        RETURN v_text;
    ELSIF lower(v_text) = ANY (p_person.names) AND p_key ~* '(name|by)$' THEN
        RETURN 'Erased person';
    END IF;
    FOREACH v_part IN ARRAY p_person.names LOOP
        IF v_part ~ '\s' AND strpos(lower(v_text), v_part) > 0 THEN
            v_text := regexp_replace(
                v_text, '(?<![[:alnum:]])' || regexp_replace(v_part, '(\W)', '\\\1', 'g') || '(?![[:alnum:]])',
                'Erased person', 'gi');
        END IF;
    END LOOP;
    RETURN v_text;
END $$;
