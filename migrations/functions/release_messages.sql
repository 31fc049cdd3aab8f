-- Enqueues the delivery of the held messages of a tenant that became active, oldest first.
CREATE OR REPLACE FUNCTION release_messages(p_tenant_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_id uuid;
    v_job_id uuid;
BEGIN
    FOR v_id IN
        SELECT id FROM outbox_messages WHERE tenant_id = p_tenant_id AND status = 'held' ORDER BY created_at FOR UPDATE
    LOOP
        v_job_id := gen_random_uuid();
        UPDATE outbox_messages SET status = 'pending', job_id = v_job_id WHERE id = v_id;
        PERFORM enqueue_mail_job(v_job_id, v_id);
    END LOOP;
END $$;
