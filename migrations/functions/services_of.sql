-- Returns the IDs of the service employees of the admin tokens that an employee created, and recursively of the tokens
-- that were created with these tokens.
CREATE OR REPLACE FUNCTION services_of(p_employee_id uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE service AS (
        SELECT e.id FROM employees e WHERE e.created_by = p_employee_id
        UNION
        SELECT e.id FROM employees e JOIN service s ON e.created_by = s.id
    )
    SELECT id FROM service;
END $$;
