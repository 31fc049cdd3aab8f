-- Returns whether a text is a slug that a new tenant may have: the rules of `domain::slug`. `${reserved_slugs}` is
-- replaced by the reserved words of the crate `domain` when this function is applied.
CREATE OR REPLACE FUNCTION slug_is_valid(p_slug text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT length(p_slug) BETWEEN 3 AND 40 AND p_slug ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'
        AND p_slug <> ALL (string_to_array('${reserved_slugs}', ','))
        AND p_slug !~ '^(tenantry-|ten-\d{8,}$)'
$$;
