-- Finishes a rollback after the external effects were removed: marks the steps as compensated and calls
-- `on_job_rolled_back`. A skipped step keeps its state. Raises TN409 if no rollback has begun.
CREATE OR REPLACE FUNCTION finish_rollback(p_job_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE id = p_job_id FOR UPDATE;
    IF v_job.state IS DISTINCT FROM 'dead' OR v_job.rollback_began_at IS NULL THEN
        RAISE EXCEPTION 'the job is %', coalesce(v_job.state, 'gone') USING ERRCODE = 'TN409';
    END IF;
    UPDATE job_steps SET state = 'compensated', finished_at = clock_timestamp()
    WHERE job_id = v_job.id AND state NOT IN ('skipped', 'compensated');
    UPDATE jobs SET
        state = 'compensated', dead_at = NULL, rollback_error = NULL, rollback_error_step = NULL,
        finished_at = clock_timestamp()
    WHERE id = v_job.id;
    PERFORM on_job_rolled_back(v_job);
    PERFORM notify_change(v_job.request_id);
END $$;
