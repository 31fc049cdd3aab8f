-- The outbox of mail (docs/MAIL.md): a message is stored in the transaction of what it tells, and jobs of a queue of
-- their own deliver the messages.

-- The workers of one queue do not claim the jobs of another, so that a slow mail server delays no other job.
ALTER TABLE jobs ADD COLUMN queue text NOT NULL DEFAULT 'pipeline';

CREATE TABLE outbox_messages (
    -- Chosen by the caller. The header Message-ID contains it.
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT outbox_messages_kind_check CHECK (kind <> ''),
    -- A message of a tenant waits until the tenant is active.
    tenant_id uuid CONSTRAINT outbox_messages_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    user_id uuid CONSTRAINT outbox_messages_user_fkey REFERENCES users (id) ON DELETE CASCADE,
    recipient_name text NOT NULL,
    recipient_address text NOT NULL CONSTRAINT outbox_messages_address_check CHECK (
        recipient_address ~ '^[^@\s]+@[^@\s]+$'
    ),
    -- The start of the links, such as https://console.example.com.
    origin text NOT NULL,
    -- The values of the templates, without secrets: `MailContent` in the crate `domain`.
    content jsonb NOT NULL,
    -- The hash of the token in the link, and the token itself: encrypted, bound to the ID of the message, and erased
    -- when the message is finished.
    token_hash bytea CONSTRAINT outbox_messages_token_hash_check CHECK (octet_length(token_hash) = 32),
    wrapped_key bytea,
    ciphertext bytea,
    -- When the link expires. An expired message is not sent.
    expires_at timestamptz,
    -- held: waits until the tenant is active. pending: a job delivers it. unconfirmed: the connection was lost after
    -- the message was transmitted, so it may have been delivered, and is not sent again automatically.
    status text NOT NULL CONSTRAINT outbox_messages_status_check CHECK (
        status IN ('held', 'pending', 'sent', 'failed', 'unconfirmed', 'cancelled')
    ),
    -- The job that delivers the message. Jobs are deleted earlier than messages.
    job_id uuid,
    -- Identifies the transmission to the mail server that has begun and has no definite outcome.
    transmission_id uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    -- When the message was sent or cancelled, failed, or became unconfirmed.
    finished_at timestamptz,
    -- Why the message failed, is unconfirmed or was cancelled; while it is pending, why the last attempt failed. For
    -- admins, without addresses.
    error text,
    CONSTRAINT outbox_messages_secret_check CHECK (
        (wrapped_key IS NULL) = (ciphertext IS NULL) AND (ciphertext IS NULL OR token_hash IS NOT NULL)
    ),
    CONSTRAINT outbox_messages_erased_check CHECK (ciphertext IS NULL OR status IN ('held', 'pending')),
    CONSTRAINT outbox_messages_finished_check CHECK ((finished_at IS NULL) = (status IN ('held', 'pending'))),
    CONSTRAINT outbox_messages_sent_check CHECK ((sent_at IS NOT NULL) = (status = 'sent')),
    CONSTRAINT outbox_messages_held_check CHECK (status <> 'held' OR (tenant_id IS NOT NULL AND job_id IS NULL)),
    CONSTRAINT outbox_messages_pending_check CHECK (status <> 'pending' OR job_id IS NOT NULL)
);
CREATE INDEX outbox_messages_tenant_idx ON outbox_messages (tenant_id, created_at) WHERE tenant_id IS NOT NULL;
CREATE INDEX outbox_messages_user_idx ON outbox_messages (user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX outbox_messages_token_idx ON outbox_messages (token_hash) WHERE token_hash IS NOT NULL;
-- What the health page counts.
CREATE INDEX outbox_messages_status_idx ON outbox_messages (status, created_at)
    WHERE status NOT IN ('sent', 'cancelled');
CREATE INDEX outbox_messages_sent_idx ON outbox_messages (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_messages_finished_idx ON outbox_messages (finished_at) WHERE finished_at IS NOT NULL;

SELECT protect_rows('outbox_messages');

-- Releases the messages of a tenant that becomes active, by any program. Holds the pending messages of a tenant that is
-- suspended or deleted, unless their transmission has begun. Without messages, the triggers need no other function: the
-- functions are applied after all migrations, and servers of the previous version change tenants meanwhile.
CREATE FUNCTION follow_tenant_status() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM outbox_messages WHERE tenant_id = NEW.id) THEN
        RETURN NULL;
    ELSIF NEW.status = 'active' THEN
        PERFORM release_messages(NEW.id);
    ELSE
        UPDATE outbox_messages SET status = 'held', job_id = NULL, error = NULL
        WHERE tenant_id = NEW.id AND status = 'pending' AND transmission_id IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tenants_messages AFTER UPDATE OF status ON tenants
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND 'active' IN (OLD.status, NEW.status))
    EXECUTE FUNCTION follow_tenant_status();

-- Cancels the messages whose link was replaced, revoked, used or deleted.
CREATE FUNCTION follow_one_time_token() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM outbox_messages WHERE token_hash = OLD.token_hash) THEN
        PERFORM cancel_messages(OLD.token_hash, 'The link was replaced, revoked or used.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER one_time_tokens_changed_messages AFTER UPDATE ON one_time_tokens
    FOR EACH ROW WHEN (
        OLD.token_hash <> NEW.token_hash OR (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
        OR (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL)
    ) EXECUTE FUNCTION follow_one_time_token();
CREATE TRIGGER one_time_tokens_deleted_messages AFTER DELETE ON one_time_tokens
    FOR EACH ROW EXECUTE FUNCTION follow_one_time_token();

-- Deletes the job of a deleted message. A transaction that deletes a tenant locks these jobs before the messages
-- (`lock_mail_jobs`), because a worker locks its job before the message.
CREATE FUNCTION delete_job_of_message() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    DELETE FROM jobs WHERE id = OLD.job_id;
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_messages_job AFTER DELETE ON outbox_messages
    FOR EACH ROW WHEN (OLD.job_id IS NOT NULL) EXECUTE FUNCTION delete_job_of_message();

-- Ends the message of a dead job.
CREATE FUNCTION follow_mail_job() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM fail_message(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_dead_mail AFTER UPDATE OF state ON jobs
    FOR EACH ROW WHEN (NEW.queue = 'mail' AND NEW.state = 'dead' AND OLD.state <> 'dead')
    EXECUTE FUNCTION follow_mail_job();
