-- Removes the payload, the response and the personal data of the request that created a purged tenant, and the messages
-- of its attempts. Ends its job. The caller has locked the job and the request.
CREATE OR REPLACE FUNCTION purge_request(p_request_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_job_id uuid := (SELECT id FROM jobs WHERE request_id = p_request_id);
BEGIN
    UPDATE provisioning_requests SET
        redacted_at = v_now, payload = '{}', response = '{}', slug = '', name = '', owner_email = ''
    WHERE id = p_request_id;
    UPDATE provisioning_attempts SET message = NULL WHERE request_id = p_request_id;
    DELETE FROM step_attempts WHERE job_id = v_job_id;
    UPDATE job_steps SET state = 'skipped', external_reference = NULL, finished_at = v_now
    WHERE job_id = v_job_id AND state NOT IN ('succeeded', 'skipped');
    UPDATE jobs SET
        state = CASE WHEN state IN ('succeeded', 'skipped') THEN state ELSE 'skipped' END,
        finished_at = coalesce(finished_at, v_now), dead_at = NULL, waiting_for = NULL, worker = NULL,
        attempts_deleted_at = v_now
    WHERE id = v_job_id;
END $$;
