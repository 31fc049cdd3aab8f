-- Locks and returns the job of a queue that `claim_job` considers next, or a row of nulls when there is none.
CREATE OR REPLACE FUNCTION lock_next_job(p_queue text) RETURNS jobs
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job jobs;
BEGIN
    SELECT waiting.* INTO v_job FROM breakers b CROSS JOIN LATERAL (
        SELECT * FROM jobs WHERE waiting_for = b.connector AND queue = p_queue
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) waiting
    WHERE connector_may_be_tested(b) OR b.state = 'closed' LIMIT 1;
    IF NOT FOUND THEN
        SELECT * INTO v_job FROM jobs
        WHERE queue = p_queue AND state IN ('pending', 'running', 'retrying') AND waiting_for IS NULL
            AND due_at <= now()
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    END IF;
    RETURN v_job;
END $$;
