-- Returns the IDs of the services (the accounts of admin tokens) that an employee created, and recursively of the
-- services that were created with the tokens of these services.
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
