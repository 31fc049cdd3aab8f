-- Names that say what the columns contain.

-- The time from which a step may test the connector. Null unless the breaker is open.
ALTER TABLE breakers RENAME COLUMN until TO next_test_at;
-- The time of the worker's last heartbeat.
ALTER TABLE workers RENAME COLUMN seen_at TO last_seen_at;
