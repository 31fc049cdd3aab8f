-- Formats the number of a tenant as its code: TEN-00000001, with more than eight digits from 100,000,000 on.
CREATE OR REPLACE FUNCTION tenant_code(p_number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'TEN-' || lpad(p_number::text, greatest(8, length(p_number::text)), '0')
$$;
