-- Marks each request as `failed` if it has been `processing` for longer than `p_older_than`, and returns the IDs of
-- these requests. Changes no tenant. `provision_tenant_atomic` never leaves such a request, but another program that
-- writes to the table may.
CREATE OR REPLACE FUNCTION cleanup_stuck_provisions(p_older_than interval) RETURNS SETOF uuid
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_id uuid;
BEGIN
    FOR v_id IN
        SELECT id FROM provisioning_requests
        WHERE status = 'processing' AND created_at < now() - p_older_than FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM mark_provisioning_failed(v_id, 'TIMEOUT', 'cleanup: the request was stuck in processing');
        RETURN NEXT v_id;
    END LOOP;
END $$;
