-- Records that the mail server definitely refused the transmission of a message, which may therefore be transmitted
-- again. Holds the message if its tenant was suspended or deleted meanwhile. Does nothing for another transmission.
CREATE OR REPLACE FUNCTION abort_transmission(p_message_id uuid, p_transmission_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_tenant_id uuid := (SELECT tenant_id FROM outbox_messages WHERE id = p_message_id);
    v_is_held boolean;
BEGIN
    -- A change of the status waits, and then sees the result.
    v_is_held := (SELECT status <> 'active' FROM tenants WHERE id = v_tenant_id FOR SHARE);
    UPDATE outbox_messages SET
        transmission_id = NULL, status = CASE WHEN v_is_held THEN 'held' ELSE status END,
        job_id = CASE WHEN v_is_held THEN NULL ELSE job_id END
    WHERE id = p_message_id AND transmission_id = p_transmission_id AND status = 'pending';
END $$;
