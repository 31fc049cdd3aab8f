-- Sets the state of a job and of its steps to `compensated`. Skipped steps keep their state.
CREATE OR REPLACE FUNCTION mark_job_compensated(p_job_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    UPDATE job_steps SET state = 'compensated', finished_at = v_now
    WHERE job_id = p_job_id AND state NOT IN ('skipped', 'compensated');
    UPDATE jobs SET
        state = 'compensated', waiting_for = NULL, dead_at = NULL, rollback_error = NULL, rollback_error_step = NULL,
        finished_at = v_now
    WHERE id = p_job_id;
END $$;
