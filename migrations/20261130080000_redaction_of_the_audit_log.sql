-- Lets a purge remove personal data from the audit entries about its tenant (docs/specification.md, section 7). The
-- audit log stays append-only for everything else: no entry can be deleted, and the only update that the trigger
-- accepts is the one to `redacted_audit_entry`, for an entry about a tenant that was purged.
CREATE OR REPLACE FUNCTION reject_audit_log_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM redacted_audit_entry(OLD) AND EXISTS (
            SELECT FROM tenants WHERE id = OLD.subject_id AND OLD.subject_kind = 'tenant' AND purged_at IS NOT NULL)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
