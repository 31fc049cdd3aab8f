-- Records that the attempt of the claimed request `p_request` failed, with the cause. The caller has rolled back
-- everything that the attempt created. Returns {"outcome": "failed", "request_id", "problem", "sqlstate", "message",
-- "stage"}. `stage` is the last stage that was reached.
CREATE OR REPLACE FUNCTION record_failed_attempt(
    p_request provisioning_requests, p_payload jsonb, p_started timestamptz, p_stages jsonb,
    p_sqlstate text, p_constraint text, p_message text, p_detail text
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_stage text := p_stages -> -1 ->> 'stage';
    v_code text := provisioning_error_code(p_sqlstate, p_constraint);
    v_conflict jsonb := CASE WHEN p_sqlstate IN ('TN002', 'TN003') THEN p_detail END;
    v_problem jsonb;
BEGIN
    IF v_stage = 'authorized' AND p_sqlstate = '22023' THEN
        -- The time zone does not exist.
        v_code := 'VALIDATION_ERROR';
    ELSIF v_stage = 'reserved' AND v_code = 'PROVISIONING_FAILED' THEN
        v_code := 'OWNER_CREATION_FAILED';
    END IF;
    v_problem := jsonb_build_object(
        'code', v_code, 'requestId', p_request.id, 'attempt', p_request.attempt, 'constraint', p_constraint,
        'conflict', v_conflict -> 'conflict', 'emailReason', v_conflict -> 'emailReason',
        'earlierTenant', v_conflict -> 'earlierTenant',
        'subject', CASE v_code
            WHEN 'DUPLICATE_SLUG' THEN p_payload ->> 'slug'
            WHEN 'EMAIL_UNAVAILABLE' THEN p_payload #>> '{owner,email}' END);
    p_request.status := 'failed';
    p_request.code := v_code;
    p_request.problem := v_problem;
    PERFORM store_attempt(p_request, p_stages, p_started, p_constraint, p_sqlstate || ': ' || p_message);
    RETURN jsonb_build_object(
        'outcome', 'failed', 'request_id', p_request.id, 'problem', v_problem,
        'sqlstate', p_sqlstate, 'message', p_message, 'stage', v_stage);
END $$;
