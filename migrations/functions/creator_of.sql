-- Returns the ID of the employee for whom an employee acts: the person who created a service with its admin token, also
-- if the token was created with another token of the person. A person acts for themselves, and a service that an
-- operator created acts for itself.
CREATE OR REPLACE FUNCTION creator_of(p_employee_id uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN (
        WITH RECURSIVE creator AS (
            SELECT id, created_by FROM employees WHERE id = p_employee_id
            UNION
            SELECT e.id, e.created_by FROM employees e JOIN creator c ON e.id = c.created_by
        )
        SELECT id FROM creator WHERE created_by IS NULL
    );
END $$;
