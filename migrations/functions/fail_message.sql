-- Ends the message of a dead job: `unconfirmed` if its transmission had begun, because the mail server may have
-- accepted it, else `failed` with the error of the last attempt. The trigger `jobs_dead_mail` calls this function.
CREATE OR REPLACE FUNCTION fail_message(p_job jobs) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE outbox_messages SET
        status = CASE WHEN transmission_id IS NULL THEN 'failed' ELSE 'unconfirmed' END,
        error = coalesce((
            SELECT a.message FROM job_steps s
            JOIN step_attempts a ON a.job_id = s.job_id AND a.position = s.position AND a.number = s.attempt
            WHERE s.job_id = p_job.id), error, 'The worker stopped several times during the delivery.'),
        finished_at = clock_timestamp(), wrapped_key = NULL, ciphertext = NULL
    WHERE id = (p_job.parameters ->> 'messageId')::uuid AND job_id = p_job.id AND status = 'pending';
END $$;
