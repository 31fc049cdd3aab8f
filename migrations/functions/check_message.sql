-- Returns what a job has to do with its message: `deliver`, or the reason why nothing has to be done: `sent`, `held`,
-- `cancelled`, `failed`, `unconfirmed`, `superseded` (another job delivers it) or `deleted`. Cancels an expired
-- message. A message whose transmission began in an earlier attempt and has no outcome becomes unconfirmed, which is
-- returned as `interrupted`.
CREATE OR REPLACE FUNCTION check_message(p_message_id uuid, p_job_id uuid) RETURNS text
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_message outbox_messages;
BEGIN
    SELECT * INTO v_message FROM outbox_messages WHERE id = p_message_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'deleted';
    ELSIF v_message.status <> 'pending' THEN
        RETURN v_message.status;
    ELSIF v_message.job_id <> p_job_id THEN
        RETURN 'superseded';
    ELSIF v_message.transmission_id IS NOT NULL THEN
        PERFORM mark_message_unconfirmed(
            p_message_id, v_message.transmission_id,
            'The delivery was interrupted after the message was transmitted, so it may have been delivered.');
        RETURN 'interrupted';
    ELSIF v_message.expires_at <= clock_timestamp() THEN
        UPDATE outbox_messages SET
            status = 'cancelled', error = 'The link expired before the message could be sent.',
            finished_at = clock_timestamp(), wrapped_key = NULL, ciphertext = NULL
        WHERE id = p_message_id;
        RETURN 'cancelled';
    END IF;
    RETURN 'deliver';
END $$;
