-- Returns the first state of a job with these steps ([{"name", "state"}, …]): `pending` when a step is pending, else
-- `skipped`.
CREATE OR REPLACE FUNCTION initial_job_state(p_steps jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_path_exists(p_steps, '$[*] ? (@.state == "pending")') THEN 'pending' ELSE 'skipped' END
$$;
