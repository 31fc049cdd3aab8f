-- The audit log also accepts the redaction of an entry about a tenant that can no longer be restored, because the purge
-- redacts the entries in batches before it deletes the data of the tenant. Everything else stays append-only.
CREATE OR REPLACE FUNCTION reject_audit_log_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM redacted_audit_entry(OLD) AND EXISTS (
            SELECT FROM tenants WHERE id = OLD.subject_id AND OLD.subject_kind = 'tenant'
                AND (purged_at IS NOT NULL OR deleted_at <= clock_timestamp() - interval '30 days'))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
