-- Removes personal data from the next audit entries, at most `p_limit` (null for all), about the tenant of a purge job.
-- Returns the number of entries. The job stores the ID of the last one in its parameter `redactedUntil`, so that an
-- interrupted purge continues after it. Returns 0 unless the job is running and the tenant can no longer be restored.
--
-- Locks the job, the tenant, and the chain of the audit log, in this order. After the lock of the tenant, the next
-- statement sees the entry of every change that has locked the tenant.
CREATE OR REPLACE FUNCTION redact_audit_entries(p_job_id uuid, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_tenant tenants;
    v_after bigint;
    v_ids bigint[];
BEGIN
    SELECT * INTO v_job FROM jobs WHERE id = p_job_id AND kind = 'purge' AND state = 'running' FOR UPDATE;
    SELECT * INTO v_tenant FROM tenants
    WHERE id = v_job.tenant_id AND purged_at IS NULL AND deleted_at <= clock_timestamp() - interval '30 days' FOR SHARE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    v_after := coalesce((v_job.parameters ->> 'redactedUntil')::bigint, 0);
    v_ids := ARRAY(SELECT id FROM tenant_audit_entries(v_tenant.id, v_tenant.request_id, v_after, p_limit));
    PERFORM lock_audit_chain();
    PERFORM erase_audit_values(entry, redacted_audit_entry(entry)) FROM audit_log entry
    WHERE entry.id = ANY (v_ids) AND entry.subject_kind = 'tenant' AND entry.subject_id = v_tenant.id;
    IF cardinality(v_ids) > 0 THEN
        UPDATE jobs SET parameters = parameters || jsonb_build_object('redactedUntil', v_ids[cardinality(v_ids)])
        WHERE id = p_job_id;
    END IF;
    RETURN cardinality(v_ids);
END $$;
