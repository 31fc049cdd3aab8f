-- Finishes a rollback after the external effects were removed: marks the steps as compensated and calls
-- `on_job_rolled_back`. A skipped step keeps its state. Raises TN409 if no rollback has begun.
CREATE OR REPLACE FUNCTION finish_rollback(p_job_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT * INTO v_job FROM jobs WHERE id = p_job_id FOR UPDATE;
    IF v_job.state IS DISTINCT FROM 'dead' OR v_job.rollback_began_at IS NULL THEN
        RAISE EXCEPTION 'the job is %, and no rollback is in progress', coalesce(v_job.state, 'gone')
            USING ERRCODE = 'TN409';
    END IF;
    PERFORM mark_job_compensated(v_job.id);
    PERFORM on_job_rolled_back(v_job);
    PERFORM notify_change(v_job.request_id);
END $$;
