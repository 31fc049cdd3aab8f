-- Completes the claimed request and its attempt. Returns {"outcome": "created", "request_id", "response"}. The stored
-- response holds no secrets.
CREATE OR REPLACE FUNCTION complete_provisioning(
    p_claim jsonb, p_tenant_id uuid, p_code text, p_payload jsonb, p_defaults jsonb, p_public_key text,
    p_job_state text, p_started timestamptz, p_invitation_expires timestamptz, p_stages jsonb
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_request_id uuid := p_claim ->> 'request_id';
    v_finished timestamptz := clock_timestamp();
    v_stages jsonb := p_stages || stage_mark('completed', p_started);
    v_response jsonb;
BEGIN
    v_response := jsonb_build_object(
        'requestId', v_request_id,
        'tenant', jsonb_build_object(
            'id', p_tenant_id, 'code', p_code, 'slug', p_payload ->> 'slug', 'name', p_payload ->> 'name',
            'status', CASE p_job_state WHEN 'pending' THEN 'provisioning' ELSE 'active' END,
            'apiKeyPublic', p_public_key,
            'commissionPercent', trim_scale((p_payload ->> 'commissionBasisPoints')::numeric / 100),
            'isActive', p_job_state <> 'pending',
            'createdAt', rfc3339(p_started)),
        'owner', jsonb_build_object(
            'name', p_payload #>> '{owner,name}', 'email', p_payload #>> '{owner,email}',
            'invitationExpiresAt', rfc3339(p_invitation_expires)),
        'secretKey', NULL, 'secretKeyRevealed', false,
        'segment', p_defaults -> 'segment',
        'packages', p_defaults -> 'packages',
        'pipeline', jsonb_build_object('state', p_job_state, 'steps', p_defaults -> 'steps'),
        'stages', v_stages);
    UPDATE provisioning_requests SET
        status = 'completed', response = v_response, tenant_id = p_tenant_id, tenant_code = p_code,
        finished_at = v_finished, elapsed_ms = extract(epoch FROM v_finished - p_started) * 1000
    WHERE id = v_request_id;
    INSERT INTO provisioning_attempts (request_id, number, status, stages, started_at, finished_at)
    VALUES (v_request_id, (p_claim ->> 'attempt')::integer, 'completed', v_stages, p_started, v_finished);
    RETURN jsonb_build_object('outcome', 'created', 'request_id', v_request_id, 'response', v_response);
END $$;
