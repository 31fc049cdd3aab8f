-- Checks that an employee may provision tenants: the employee `p_employee_id` or, if this ID is null, the employee of
-- an admin token. Returns {"id", "name"} of the employee, or {"outcome"}: UNAUTHENTICATED if the token is not valid,
-- FORBIDDEN if the employee is not active, or the role or the scopes of the token do not allow provisioning.
CREATE OR REPLACE FUNCTION authorize_provisioning(p_employee_id uuid, p_token_hash bytea) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_employee employees;
BEGIN
    IF p_employee_id IS NULL THEN
        v_employee := authenticate_token(p_token_hash);
        IF v_employee.id IS NULL THEN
            RETURN jsonb_build_object('outcome', 'UNAUTHENTICATED');
        END IF;
    ELSE
        SELECT * INTO v_employee FROM employees WHERE id = p_employee_id AND status = 'active';
    END IF;
    IF v_employee.id IS NULL OR v_employee.role NOT IN ('SUPER_ADMIN', 'ADMIN')
        OR NOT ('tenants:write' = ANY (coalesce(v_employee.scopes, '{tenants:write}'))) THEN
        RETURN jsonb_build_object('outcome', 'FORBIDDEN');
    END IF;
    RETURN jsonb_build_object('id', v_employee.id, 'name', v_employee.name);
END $$;
