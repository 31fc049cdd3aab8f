-- Records that nobody knows whether the mail server accepted the transmission of a message. The message is not sent
-- again. Does nothing for another transmission.
CREATE OR REPLACE FUNCTION mark_message_unconfirmed(
    p_message_id uuid, p_transmission_id uuid, p_error text
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE outbox_messages SET
        status = 'unconfirmed', error = p_error, finished_at = clock_timestamp(), wrapped_key = NULL, ciphertext = NULL
    WHERE id = p_message_id AND transmission_id = p_transmission_id AND status = 'pending';
END $$;
