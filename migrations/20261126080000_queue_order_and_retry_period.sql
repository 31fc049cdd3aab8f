-- One order for the queue, jobs that wait for a connector, and a time limit for retries (docs/specification.md,
-- section 6).

-- `due_at` is the time from which a worker may claim the job: in the state `running`, the end of the lease. One index
-- therefore orders due jobs and expired leases, so that neither kind starves the other. After a rollback has begun, no
-- worker claims the job, and `due_at` is the time from which maintenance may resume the rollback.
DROP INDEX jobs_due_idx;
DROP INDEX jobs_leased_idx;
UPDATE jobs SET due_at = lease_until WHERE state = 'running';
ALTER TABLE jobs
    DROP COLUMN lease_until,
    -- The connector that the next step of the job uses and whose circuit breaker is not closed. No worker claims the
    -- job before the breaker is closed or the connector may be tested.
    ADD COLUMN waiting_for text CONSTRAINT jobs_waiting_for_fkey REFERENCES breakers (connector) ON DELETE SET NULL,
    ADD CONSTRAINT jobs_waiting_check CHECK (waiting_for IS NULL OR state IN ('pending', 'retrying'));
CREATE INDEX jobs_due_idx ON jobs (due_at) WHERE state IN ('pending', 'running', 'retrying') AND waiting_for IS NULL;
CREATE INDEX jobs_waiting_idx ON jobs (waiting_for, due_at) WHERE waiting_for IS NOT NULL;

-- `until` is the time from which a step may test the connector. Null unless the breaker is open. A test that was
-- running is repeated.
UPDATE breakers SET state = 'open', until = now() WHERE state = 'half_open';
ALTER TABLE breakers
    -- The job whose step tests the connector. Null unless the breaker is half-open.
    ADD COLUMN test_job_id uuid CONSTRAINT breakers_test_job_fkey REFERENCES jobs (id) ON DELETE SET NULL,
    ADD CONSTRAINT breakers_test_job_check CHECK (test_job_id IS NULL OR state = 'half_open');

ALTER TABLE job_steps
    DROP COLUMN counted_attempts,
    -- How many attempts failed, and when the first of them failed. A retry by an admin resets both.
    ADD COLUMN failed_attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN failing_since timestamptz,
    -- How many attempts in a row lost their worker. After the fifth, the step is dead.
    ADD COLUMN lost_attempts integer NOT NULL DEFAULT 0
        CONSTRAINT job_steps_lost_attempts_check CHECK (lost_attempts BETWEEN 0 AND 5),
    ADD CONSTRAINT job_steps_failing_check CHECK ((failed_attempts = 0) = (failing_since IS NULL));

-- The engine notifies the workers after the commit: a commit that notifies holds a server-wide lock until it is on
-- disk.
DROP TRIGGER jobs_notify_new ON jobs;
DROP FUNCTION notify_new_job();

-- A rollback by an operator left the job of the request to the workers.
UPDATE job_steps SET state = 'compensated' WHERE state NOT IN ('skipped', 'compensated') AND job_id IN (
    SELECT j.id FROM jobs j JOIN provisioning_requests r ON r.id = j.request_id WHERE r.status = 'rolled_back');
UPDATE jobs SET state = 'compensated', dead_at = NULL, worker = NULL, finished_at = coalesce(finished_at, now())
WHERE state <> 'compensated'
  AND request_id IN (SELECT id FROM provisioning_requests WHERE status = 'rolled_back');
