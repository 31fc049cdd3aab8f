-- Continues the blocked jobs of a tenant that has an owner, is neither suspended nor deleted, and does not wait for the
-- approval of an admin. Does nothing for other tenants. Wakes the workers.
CREATE OR REPLACE FUNCTION resume_jobs(p_tenant_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    UPDATE jobs j SET
        due_at = greatest(j.due_at, clock_timestamp()),
        state = CASE WHEN EXISTS (SELECT FROM job_steps s WHERE s.job_id = j.id AND s.attempt > 0)
            THEN 'retrying' ELSE 'pending' END
    WHERE j.tenant_id = p_tenant_id AND j.state = 'blocked' AND EXISTS (
        SELECT FROM tenants t
        WHERE t.id = p_tenant_id AND t.owner_id IS NOT NULL AND NOT t.awaits_approval
            AND t.status NOT IN ('suspended', 'deleted'));
    IF FOUND THEN
        PERFORM pg_notify('tenantry_jobs', '');
    END IF;
END $$;
