-- Returns {"stage", "offsetMs"}: a stage, and the milliseconds from `p_started` until now.
CREATE OR REPLACE FUNCTION stage_time(p_stage text, p_started timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object(
        'stage', p_stage, 'offsetMs', round(extract(epoch FROM clock_timestamp() - p_started) * 1000, 3))
$$;
