-- Leases the job that has been due for the longest time or, if no job is due, a job whose lease has expired. Starts the
-- next step of this job. Returns {"job", "step"}, or null when no job can be claimed.
--
-- The caller then notifies the listeners that the step started, in a separate statement that writes nothing. A commit
-- that notifies holds a server-wide lock until the commit is on disk, which would serialize the commits of all workers.
-- The same applies to `finish_step`.
CREATE OR REPLACE FUNCTION claim_job(p_worker text, p_lease interval) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step jsonb;
BEGIN
    LOOP
        SELECT * INTO v_job FROM jobs
        WHERE (state IN ('pending', 'retrying') AND due_at <= now())
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            SELECT * INTO v_job FROM jobs
            WHERE state = 'running' AND lease_until < now() ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED;
        END IF;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        v_step := begin_next_step(v_job.id, p_worker);
        IF v_step ? 'dead' THEN
            PERFORM end_job(v_job.id, 'dead');
            CONTINUE;
        ELSIF v_step IS NULL THEN
            PERFORM end_job(v_job.id, 'succeeded');
            CONTINUE;
        END IF;
        UPDATE jobs SET state = 'running', worker = p_worker, lease_until = now() + p_lease WHERE id = v_job.id;
        RETURN jsonb_build_object('job', job_payload(v_job), 'step', v_step);
    END LOOP;
END $$;
