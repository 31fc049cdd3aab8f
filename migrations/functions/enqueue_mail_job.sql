-- Creates the job with the ID `p_job_id` that delivers a message.
CREATE OR REPLACE FUNCTION enqueue_mail_job(p_job_id uuid, p_message_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    INSERT INTO jobs (id, kind, queue, creates_tenant, parameters, state)
    VALUES (p_job_id, 'mail', 'mail', false, jsonb_build_object('messageId', p_message_id), 'pending');
    INSERT INTO job_steps (job_id, position, name, connector, state)
    VALUES (p_job_id, 1, 'SEND_MAIL', 'mail', 'pending');
END $$;
