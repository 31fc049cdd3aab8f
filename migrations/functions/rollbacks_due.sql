-- Returns up to 100 jobs that maintenance rolls back: jobs whose rollback was interrupted or failed and is due again,
-- and jobs without a rollback that have been dead for longer than `p_unattended_for`. If `p_unattended_for` is null,
-- returns only jobs whose rollback has begun.
CREATE OR REPLACE FUNCTION rollbacks_due(p_unattended_for interval) RETURNS TABLE (job_id uuid, request_id uuid)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT j.id, j.request_id FROM jobs j
    WHERE j.state = 'dead' AND rollback_is_allowed(j) AND CASE WHEN j.rollback_began_at IS NULL
        THEN j.dead_at < now() - p_unattended_for ELSE j.due_at < now() END
    ORDER BY j.dead_at LIMIT 100;
END $$;
