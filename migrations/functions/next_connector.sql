-- Returns the connector of a job's first step that is pending, running or retrying, or null if there is none.
CREATE OR REPLACE FUNCTION next_connector(p_job_id uuid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN (SELECT connector FROM job_steps
            WHERE job_id = p_job_id AND state IN ('pending', 'running', 'retrying') ORDER BY position LIMIT 1);
END $$;
