-- The last ID that the previous round of the chain saw. The next candidate is this ID, not one that has just been
-- assigned: a transaction may get its transaction ID a moment after it has taken the ID of its entry.
ALTER TABLE audit_chain_progress ADD COLUMN observed_id bigint NOT NULL DEFAULT 0;
