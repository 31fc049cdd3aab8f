-- no-transaction
-- The entries of each action by time: all, those of an actor, and those about a subject.
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_log_action_idx ON audit_log (action, at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_log_actor_idx ON audit_log (actor_id, action, at, id)
    WHERE actor_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_log_subject_idx ON audit_log (subject_id, action, at, id)
    WHERE subject_id IS NOT NULL;
