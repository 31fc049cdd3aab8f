-- Returns whether an attempt is the current attempt of a running step. Locks the job and the step.
CREATE OR REPLACE FUNCTION is_current_attempt(p_job_id uuid, p_position integer, p_attempt integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    PERFORM FROM jobs WHERE id = p_job_id FOR UPDATE;
    PERFORM FROM job_steps
    WHERE job_id = p_job_id AND position = p_position AND attempt = p_attempt AND state = 'running' FOR UPDATE;
    RETURN FOUND;
END $$;
