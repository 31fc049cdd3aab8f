-- The hash chain of the audit log (docs/specification.md, section 9; docs/AUDIT.md describes the hashes). A process of
-- the server appends new entries in batches, so that a change that is audited does not wait for the chain.

-- The network address of the person or program that made the change. Null for the operator and for Tenantry itself.
ALTER TABLE audit_log ADD COLUMN client_address text;

-- One row for each entry, without personal data. `entry_hash` covers the content of the entry, `chain_hash` also the
-- position, the ID of the entry, and the chain hash of the previous position. No foreign key to the audit log, because
-- the row must remain if someone removes the entry.
CREATE TABLE audit_chain (
    position bigint PRIMARY KEY CONSTRAINT audit_chain_position_check CHECK (position > 0),
    entry_id bigint NOT NULL CONSTRAINT audit_chain_entry_key UNIQUE,
    entry_hash bytea NOT NULL CONSTRAINT audit_chain_entry_hash_check CHECK (octet_length(entry_hash) = 32),
    chain_hash bytea NOT NULL CONSTRAINT audit_chain_chain_hash_check CHECK (octet_length(chain_hash) = 32)
);

-- The salts of the values of an entry. An entry starts with one seed, from which the salts of its values derive. When a
-- value is erased, `leaves` replaces the seed: it has the salt of each value that remains, and the salted hash of each
-- value that was erased. Without its salt, a hash does not reveal the value.
CREATE TABLE audit_salts (
    entry_id bigint PRIMARY KEY,
    seed bytea CONSTRAINT audit_salts_seed_check CHECK (octet_length(seed) = 16),
    leaves jsonb,
    CONSTRAINT audit_salts_seed_or_leaves CHECK ((seed IS NULL) <> (leaves IS NULL))
);

-- Which entries still have to be appended. Entries are appended in the order in which they become visible, which is not
-- always the order of their IDs.
CREATE TABLE audit_chain_progress (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT audit_chain_progress_only_row CHECK (only_row),
    -- Each entry with an ID up to this one is in the chain, or does not exist.
    settled_id bigint NOT NULL DEFAULT 0,
    -- The next `settled_id`: no entry with an ID up to `candidate_id` can appear once each transaction before
    -- `candidate_xid` has ended.
    candidate_id bigint NOT NULL DEFAULT 0,
    candidate_xid xid8 NOT NULL DEFAULT '0'
);
INSERT INTO audit_chain_progress DEFAULT VALUES;

CREATE FUNCTION reject_audit_chain_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the chain of the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION reject_audit_chain_change();
CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION reject_audit_chain_change();
CREATE TRIGGER audit_salts_no_delete BEFORE DELETE ON audit_salts
    FOR EACH ROW EXECUTE FUNCTION reject_audit_chain_change();
CREATE TRIGGER audit_salts_no_truncate BEFORE TRUNCATE ON audit_salts
    FOR EACH STATEMENT EXECUTE FUNCTION reject_audit_chain_change();

-- The chain hashes each member of the values.
ALTER TABLE audit_log ADD CONSTRAINT audit_log_values_check CHECK (
    jsonb_typeof(before) = 'object' AND jsonb_typeof(after) = 'object') NOT VALID;
