-- Adds a message to the outbox (docs/MAIL.md). `p_content` is `MailContent` of the crate `domain`, whose member `kind`
-- is the kind of the message. The secret of the link is null for a message without a link. Does nothing if the message
-- exists. A held message waits until its tenant is active; the caller has locked the tenant, or creates it. The caller
-- wakes a worker of the queue `mail` after the commit.
CREATE OR REPLACE FUNCTION enqueue_message(
    p_id uuid, p_tenant_id uuid, p_user_id uuid, p_name text, p_address text, p_origin text, p_content jsonb,
    p_token_hash bytea, p_wrapped_key bytea, p_ciphertext bytea, p_expires_at timestamptz, p_is_held boolean
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job_id uuid := CASE WHEN NOT p_is_held THEN gen_random_uuid() END;
BEGIN
    INSERT INTO outbox_messages (id, kind, tenant_id, user_id, recipient_name, recipient_address, origin, content,
                                 token_hash, wrapped_key, ciphertext, expires_at, status, job_id)
    VALUES (p_id, p_content ->> 'kind', p_tenant_id, p_user_id, p_name, p_address, p_origin, p_content, p_token_hash,
            p_wrapped_key, p_ciphertext, p_expires_at, CASE WHEN p_is_held THEN 'held' ELSE 'pending' END, v_job_id)
    ON CONFLICT (id) DO NOTHING;
    IF FOUND AND NOT p_is_held THEN
        PERFORM enqueue_mail_job(v_job_id, p_id);
    END IF;
END $$;
