-- Extends the lease of the job of a running step, and records the worker's heartbeat. Returns false when the attempt
-- was superseded.
CREATE OR REPLACE FUNCTION extend_lease(
    p_job_id uuid, p_position integer, p_attempt integer, p_worker text, p_lease interval
) RETURNS boolean LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE workers SET seen_at = clock_timestamp() WHERE name = p_worker;
    UPDATE jobs j SET lease_until = clock_timestamp() + p_lease FROM job_steps s
    WHERE j.id = p_job_id AND s.job_id = j.id AND s.position = p_position AND s.attempt = p_attempt
      AND s.state = 'running';
    RETURN FOUND;
END $$;
