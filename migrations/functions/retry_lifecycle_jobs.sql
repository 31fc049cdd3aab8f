-- Retries the lifecycle jobs that have been dead for a day, at most `p_limit`. Returns the number of jobs. Skips a job
-- that another transaction has locked.
CREATE OR REPLACE FUNCTION retry_lifecycle_jobs(p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_ids uuid[] := ARRAY(
        SELECT id FROM jobs
        WHERE state = 'dead' AND dead_at < clock_timestamp() - interval '1 day' AND is_lifecycle_kind(kind)
        ORDER BY dead_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
BEGIN
    UPDATE job_steps SET state = 'retrying', failed_attempts = 0, failing_since = NULL, lost_attempts = 0
    WHERE job_id = ANY (v_ids) AND state = 'dead';
    UPDATE jobs SET state = 'retrying', due_at = clock_timestamp(), dead_at = NULL, finished_at = NULL
    WHERE id = ANY (v_ids);
    IF cardinality(v_ids) > 0 THEN
        PERFORM pg_notify('tenantry_jobs', '');
    END IF;
    RETURN cardinality(v_ids);
END $$;
