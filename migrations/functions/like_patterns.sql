-- Returns the patterns of `LIKE` for texts that contain one of `p_texts`, as text and in JSON.
CREATE OR REPLACE FUNCTION like_patterns(p_texts text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(DISTINCT '%' || regexp_replace(spelling, '([\\%_])', '\\\1', 'g') || '%'), '{}')
    FROM unnest(p_texts) text, unnest(ARRAY[text, trim(BOTH '"' FROM to_jsonb(text)::text)]) spelling
$$;
