-- Extends the lease of the job of a running step, and records the worker's heartbeat. Returns false when the attempt
-- was superseded.
CREATE OR REPLACE FUNCTION extend_lease(
    p_job_id uuid, p_position integer, p_attempt integer, p_worker text, p_lease interval
) RETURNS boolean LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE workers SET last_seen_at = clock_timestamp() WHERE name = p_worker;
    IF NOT is_current_attempt(p_job_id, p_position, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE jobs SET due_at = clock_timestamp() + p_lease WHERE id = p_job_id;
    RETURN true;
END $$;
