-- Locks what the erasure of a person changes, in the order of the other functions: jobs, requests, tenants, the chain
-- of the audit log, and the account. A purge holds the chain before it changes memberships and accounts.
CREATE OR REPLACE FUNCTION lock_rows_of_person(p_person identified_person) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_tenant_ids uuid[] := ARRAY(
        SELECT tenant_id FROM memberships WHERE user_id = p_person.user_id
        UNION SELECT id FROM tenants WHERE owner_id = p_person.user_id);
BEGIN
    PERFORM FROM jobs WHERE tenant_id = ANY (v_tenant_ids) AND creates_tenant ORDER BY id FOR UPDATE;
    PERFORM FROM jobs
    WHERE tenant_id = ANY (v_tenant_ids) OR request_id = ANY (p_person.request_ids) OR id IN (
        SELECT job_id FROM outbox_messages
        WHERE user_id = p_person.user_id OR lower(recipient_address) = ANY (p_person.addresses))
    ORDER BY id FOR UPDATE;
    PERFORM FROM provisioning_requests WHERE id = ANY (p_person.request_ids) ORDER BY id FOR UPDATE;
    PERFORM FROM tenants WHERE id = ANY (v_tenant_ids) ORDER BY id FOR NO KEY UPDATE;
    PERFORM lock_audit_chain();
    PERFORM FROM users WHERE id = p_person.user_id FOR UPDATE;
END $$;
