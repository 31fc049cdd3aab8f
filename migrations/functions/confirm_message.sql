-- Records that the mail server accepted the transmission of a message, and erases the secret. The response may arrive
-- after another worker has marked the message as unconfirmed; then deletes the dead job, which needs no action. Does
-- nothing for another transmission.
CREATE OR REPLACE FUNCTION confirm_message(p_message_id uuid, p_transmission_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job_id uuid;
BEGIN
    UPDATE outbox_messages SET
        status = 'sent', sent_at = clock_timestamp(), finished_at = clock_timestamp(), error = NULL,
        wrapped_key = NULL, ciphertext = NULL
    WHERE id = p_message_id AND transmission_id = p_transmission_id AND status IN ('pending', 'unconfirmed')
    RETURNING job_id INTO v_job_id;
    DELETE FROM jobs WHERE id = v_job_id AND state = 'dead';
END $$;
