-- Records that the transmission of a message to the mail server begins. Returns false, and the caller must not transmit
-- the message, if the message was sent, held, cancelled or has expired, belongs to another job, or another transmission
-- has begun. So a message is never transmitted twice, also after its worker was lost.
CREATE OR REPLACE FUNCTION begin_transmission(p_message_id uuid, p_job_id uuid, p_transmission_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE outbox_messages SET transmission_id = p_transmission_id
    WHERE id = p_message_id AND job_id = p_job_id AND status = 'pending' AND transmission_id IS NULL
        AND (expires_at IS NULL OR expires_at > clock_timestamp());
    RETURN FOUND;
END $$;
