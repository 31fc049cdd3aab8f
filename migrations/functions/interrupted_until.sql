-- Returns the time from which no worker acts any more whose step `pause_jobs` or `supersede_lifecycle_jobs` has
-- interrupted: the end of its lease and 5 s. Returns null if no step of the tenant was interrupted. A step that a
-- worker released has no such worker, and `due_at` is then the time of the release.
CREATE OR REPLACE FUNCTION interrupted_until(p_tenant_id uuid) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN (
        SELECT max(j.due_at) FROM jobs j
        JOIN job_steps s ON s.job_id = j.id AND s.state IN ('retrying', 'skipped')
        JOIN step_attempts a ON a.job_id = s.job_id AND a.position = s.position AND a.number = s.attempt
        WHERE j.tenant_id = p_tenant_id AND a.outcome = 'released');
END $$;
