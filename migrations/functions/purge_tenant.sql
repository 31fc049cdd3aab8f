-- Deletes the data of the tenant of a purge job, and the accounts that only this tenant used. What remains is a
-- tombstone without personal data: the tenant's ID, code, status and dates, its request, the jobs that created and
-- purged it, and its audit entries, which still name who changed what and when. The last step of the job calls this
-- function, after `redact_audit_entries` has redacted the existing audit entries in batches. Returns whether the tenant
-- is purged. Does nothing unless the job is running and the tenant can no longer be restored.
--
-- Locks the jobs, the request and the tenant, in this order; the jobs in the order of `lock_tenant`.
CREATE OR REPLACE FUNCTION purge_tenant(p_job_id uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_tenant tenants;
    v_user_id uuid;
    v_user_ids uuid[];
    v_table regclass;
BEGIN
    PERFORM FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM jobs WHERE id = p_job_id) AND creates_tenant FOR UPDATE;
    PERFORM FROM jobs WHERE tenant_id = (SELECT tenant_id FROM jobs WHERE id = p_job_id) ORDER BY id FOR UPDATE;
    PERFORM FROM provisioning_requests WHERE id = (
        SELECT t.request_id FROM jobs j JOIN tenants t ON t.id = j.tenant_id WHERE j.id = p_job_id) FOR UPDATE;
    SELECT t.* INTO v_tenant FROM jobs j JOIN tenants t ON t.id = j.tenant_id
    WHERE j.id = p_job_id AND j.kind = 'purge' AND j.state = 'running' FOR UPDATE OF t;
    IF v_tenant.purged_at IS NULL AND v_tenant.deleted_at <= v_now - interval '30 days' THEN
        -- The entries that were added since the last batch.
        PERFORM redact_audit_entries(p_job_id, NULL);
        v_user_ids := ARRAY(SELECT user_id FROM memberships WHERE tenant_id = v_tenant.id);
        UPDATE tenants SET
            purged_at = v_now, slug = lower(code), name = code, short_name = NULL, industry = NULL, external_id = NULL,
            owner_id = NULL, suspension_reason = NULL, quota_overrides = '{}', feature_overrides = '{}',
            trial_ends_at = NULL
        WHERE id = v_tenant.id;
        PERFORM lock_mail_jobs(v_tenant.id);
        -- The rows of all tables that belong to tenants. Packages refer to segments.
        DELETE FROM packages WHERE tenant_id = v_tenant.id;
        FOR v_table IN
            SELECT conrelid::regclass FROM pg_constraint
            WHERE contype = 'f' AND confrelid = 'tenants'::regclass AND confdeltype = 'c'
        LOOP
            EXECUTE format('DELETE FROM %s WHERE tenant_id = $1', v_table) USING v_tenant.id;
        END LOOP;
        FOREACH v_user_id IN ARRAY v_user_ids LOOP
            PERFORM delete_unused_account(v_user_id);
        END LOOP;
        PERFORM purge_request(v_tenant.request_id);
        DELETE FROM jobs WHERE tenant_id = v_tenant.id AND is_lifecycle_kind(kind);
        -- A message may contain names and addresses.
        UPDATE step_attempts SET message = NULL WHERE job_id = p_job_id;
        INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
        VALUES (NULL, 'maintenance', 'tenant.purged', 'tenant', v_tenant.id, v_tenant.request_id,
                jsonb_build_object('status', 'deleted', 'deletedAt', rfc3339(v_tenant.deleted_at)),
                jsonb_build_object('purgedAt', rfc3339(v_now)));
    END IF;
    RETURN EXISTS (
        SELECT FROM jobs j JOIN tenants t ON t.id = j.tenant_id WHERE j.id = p_job_id AND t.purged_at IS NOT NULL);
END $$;
