-- The erasure of a person (docs/PRIVACY.md): `erase_person` replaces personal data by a random pseudonym.

-- One row for each erasure, without personal data.
CREATE TABLE person_erasures (
    id uuid PRIMARY KEY,
    -- What replaces the name in the audit log, and the local part of the address.
    pseudonym text NOT NULL
        CONSTRAINT person_erasures_pseudonym_key UNIQUE
        CONSTRAINT person_erasures_pseudonym_check CHECK (pseudonym ~ '^erased-[0-9a-f]{6}$'),
    erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The audit log accepts that this transaction, and no other, replaces values by the pseudonym.
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- An erasure is in the audit log when its transaction commits.
CREATE FUNCTION require_record_of_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM audit_log WHERE action = 'person.erased' AND subject_id = NEW.id) THEN
        RAISE EXCEPTION 'the erasure of a person must be in the audit log'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'person_erasures_recorded';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER person_erasures_recorded AFTER INSERT ON person_erasures
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_record_of_erasure();

CREATE FUNCTION reject_person_erasure_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the list of erased persons is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER person_erasures_append_only BEFORE UPDATE OR DELETE ON person_erasures
    FOR EACH ROW EXECUTE FUNCTION reject_person_erasure_change();
CREATE TRIGGER person_erasures_no_truncate BEFORE TRUNCATE ON person_erasures
    FOR EACH STATEMENT EXECUTE FUNCTION reject_person_erasure_change();

-- What identifies a person, while the person is erased: the argument of the functions of the erasure.
CREATE TYPE identified_person AS (
    user_id uuid,
    employee_id uuid,
    -- The IDs of the account, of the employee and of the services that the employee created.
    ids uuid[],
    -- The requests whose owner is the person.
    request_ids uuid[],
    -- Those of them whose contact data belong to no existing tenant.
    unused_request_ids uuid[],
    -- In lower case: the addresses, the names, and the telephone numbers of the requests in `unused_request_ids`.
    addresses text[],
    names text[],
    phones text[],
    -- What replaces them.
    pseudonym text
);

-- Nobody can sign in with the account of an erased person. The next migration validates the constraint.
ALTER TABLE users ADD CONSTRAINT users_erased_check CHECK (
    password_hash IS NULL OR email_canonical !~ '^erased-[0-9a-f]{6}@erased\.invalid$'
) NOT VALID;

-- The audit log also accepts that the running erasure of a person replaces values by its pseudonym, or removes them.
-- Everything else stays append-only.
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
        IF EXISTS (
            SELECT FROM person_erasures
            WHERE transaction_id = pg_current_xact_id() AND is_erased_audit_entry(OLD, NEW, pseudonym))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
