-- Notifies the listeners of `tenantry_changes` that a request changed. Does nothing when the ID is null.
CREATE OR REPLACE FUNCTION notify_change(p_request_id uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('tenantry_changes', p_request_id::text) WHERE p_request_id IS NOT NULL
$$;
