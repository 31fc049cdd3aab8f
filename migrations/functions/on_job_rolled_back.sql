-- Deletes the tenant of a job that creates its tenant. Does nothing for other jobs. `finish_rollback` calls this
-- function for every job, in the same transaction.
CREATE OR REPLACE FUNCTION on_job_rolled_back(p_job jobs) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_job.creates_tenant THEN
        PERFORM rollback_provisioning(p_job.request_id, p_job.rollback_by, p_job.rollback_reason);
    END IF;
END $$;
