-- Leases a job of a queue and starts its next step. Returns {"job", "step"}, or null when no job can be claimed. Jobs
-- that waited for a connector come first. Of the others, the job that has been due for the longest time comes first,
-- where a running job is due when its lease expires. A job waits for the connector of its next step if the circuit
-- breaker is not closed and the step may not test the connector. One call examines at most 100 jobs. Servers of an
-- earlier version do not pass the queue.
--
-- The caller then notifies the listeners that the step started, in a separate statement that writes nothing. A commit
-- that notifies holds a server-wide lock until the commit is on disk, which would serialise the commits of all workers.
-- The same applies to `finish_step`.
CREATE OR REPLACE FUNCTION claim_job(
    p_worker text, p_lease interval, p_queue text DEFAULT 'pipeline'
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
    v_step jsonb;
    v_connector text;
BEGIN
    FOR i IN 1..100 LOOP
        v_job := lock_next_job(p_queue);
        EXIT WHEN v_job.id IS NULL;
        IF v_job.state = 'running' AND record_lost_attempt(v_job.id) THEN
            PERFORM end_job(v_job.id, 'dead');
            CONTINUE;
        END IF;
        v_connector := next_connector(v_job.id);
        IF v_connector IS NULL THEN
            PERFORM end_job(v_job.id, 'succeeded');
        ELSIF NOT acquire_connector(v_connector, v_job.id) THEN
            PERFORM mark_job_waiting(v_job.id, v_connector);
        ELSE
            v_step := begin_next_step(v_job.id, p_worker);
            UPDATE jobs SET state = 'running', worker = p_worker, due_at = now() + p_lease, waiting_for = NULL
            WHERE id = v_job.id;
            RETURN jsonb_build_object('job', job_to_json(v_job), 'step', v_step);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
