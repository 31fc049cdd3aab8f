-- Creates a job with its steps ([{"name", "connector", "state"}, …], in order), and returns the ID of the job. If every
-- step is skipped, the job has no rows of steps. The comment of the column `jobs.creates_tenant` explains
-- `p_creates_tenant`. The caller wakes the workers after the commit.
CREATE OR REPLACE FUNCTION enqueue_job(
    p_kind text, p_request_id uuid, p_tenant_id uuid, p_creates_tenant boolean, p_parameters jsonb, p_steps jsonb,
    p_now timestamptz
) RETURNS uuid LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_job_id uuid;
    v_state text := initial_job_state(p_steps);
BEGIN
    INSERT INTO jobs (kind, request_id, tenant_id, creates_tenant, parameters, state, finished_at)
    VALUES (p_kind, p_request_id, p_tenant_id, p_creates_tenant, p_parameters, v_state,
            CASE v_state WHEN 'skipped' THEN p_now END)
    RETURNING id INTO v_job_id;
    INSERT INTO job_steps (job_id, position, name, connector, state)
    SELECT v_job_id, step.place, step.value ->> 'name', step.value ->> 'connector', step.value ->> 'state'
    FROM jsonb_array_elements(p_steps) WITH ORDINALITY AS step (value, place)
    WHERE v_state <> 'skipped';
    RETURN v_job_id;
END $$;
