-- Updates the subject of a job whose rollback finishes, in the same transaction: deletes the tenant of a provisioning
-- job.
CREATE OR REPLACE FUNCTION on_job_rolled_back(p_job jobs) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_job.kind = 'provisioning' THEN
        PERFORM rollback_provisioning(p_job.request_id, p_job.rollback_by, p_job.rollback_reason);
    END IF;
END $$;
