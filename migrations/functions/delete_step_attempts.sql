-- Deletes the attempts of the steps of at most `p_limit` jobs that ended before `p_before`, superseded ones included.
-- Keeps the jobs and their steps, but deletes jobs that have neither a tenant nor a request. Returns the number of
-- processed jobs.
CREATE OR REPLACE FUNCTION delete_step_attempts(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_ids uuid[] := ARRAY(
        SELECT id FROM jobs
        WHERE (state IN ('succeeded', 'compensated') OR (state = 'skipped' AND NOT creates_tenant))
            AND attempts_deleted_at IS NULL AND finished_at < p_before
        ORDER BY finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
BEGIN
    DELETE FROM step_attempts WHERE job_id = ANY (v_ids);
    DELETE FROM jobs WHERE id = ANY (v_ids) AND tenant_id IS NULL AND request_id IS NULL;
    UPDATE jobs SET attempts_deleted_at = clock_timestamp() WHERE id = ANY (v_ids);
    RETURN cardinality(v_ids);
END $$;
