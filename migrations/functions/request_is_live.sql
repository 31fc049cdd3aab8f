-- Returns whether a request is completed and its tenant still exists, neither rolled back nor deleted.
CREATE OR REPLACE FUNCTION request_is_live(p_request provisioning_requests) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN p_request.status = 'completed'
       AND EXISTS (SELECT FROM tenants WHERE id = p_request.tenant_id AND status <> 'deleted');
END $$;
