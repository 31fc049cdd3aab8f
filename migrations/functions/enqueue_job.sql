-- Creates a job with its steps ([{"name", "state"}, …], in order). A trigger notifies the workers.
CREATE OR REPLACE FUNCTION enqueue_job(
    p_request_id uuid, p_tenant_id uuid, p_state text, p_steps jsonb, p_now timestamptz
) RETURNS void LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job_id uuid;
BEGIN
    INSERT INTO jobs (request_id, tenant_id, state, finished_at)
    VALUES (p_request_id, p_tenant_id, p_state, CASE p_state WHEN 'skipped' THEN p_now END)
    RETURNING id INTO v_job_id;
    INSERT INTO job_steps (job_id, position, name, state)
    SELECT v_job_id, step.place, step.value ->> 'name', step.value ->> 'state'
    FROM jsonb_array_elements(p_steps) WITH ORDINALITY AS step (value, place);
END $$;
