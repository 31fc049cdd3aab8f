-- Records that the claimed request `p_request` created its tenant. Returns {"outcome": "created", "request_id",
-- "response"}. The stored response holds no secrets. `p_invitation_expires` is null for a tenant without an owner.
CREATE OR REPLACE FUNCTION record_completed_attempt(
    p_request provisioning_requests, p_tenant_id uuid, p_code text, p_payload jsonb, p_defaults jsonb,
    p_public_key text, p_status text, p_job_state text, p_started timestamptz, p_invitation_expires timestamptz,
    p_stages jsonb
) RETURNS jsonb LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_stages jsonb := p_stages || stage_time('completed', p_started);
BEGIN
    p_request.response := jsonb_build_object(
        'requestId', p_request.id,
        'tenant', jsonb_build_object(
            'id', p_tenant_id, 'code', p_code, 'slug', p_payload ->> 'slug', 'name', p_payload ->> 'name',
            'status', p_status,
            'apiKeyPublic', p_public_key,
            'commissionPercent', trim_scale((p_payload ->> 'commissionBasisPoints')::numeric / 100),
            'isActive', p_status = 'active',
            'createdAt', rfc3339(p_started)),
        'owner', CASE WHEN p_invitation_expires IS NOT NULL THEN jsonb_build_object(
            'name', p_payload #>> '{owner,name}', 'email', p_payload #>> '{owner,email}',
            'invitationExpiresAt', rfc3339(p_invitation_expires)) END,
        'secretKey', NULL, 'secretKeyRevealed', false,
        'segment', (p_defaults -> 'segment') - '{heroTitle,description,sortOrder}'::text[],
        'packages', (SELECT jsonb_agg(package - '{description,bookingType,groupingOrder}'::text[])
                     FROM jsonb_array_elements(p_defaults -> 'packages') AS package),
        'pipeline', jsonb_build_object('state', p_job_state, 'steps', p_defaults -> 'steps'),
        'stages', v_stages);
    p_request.status := 'completed';
    p_request.tenant_id := p_tenant_id;
    p_request.tenant_code := p_code;
    PERFORM store_attempt(p_request, v_stages, p_started, NULL, NULL);
    RETURN jsonb_build_object('outcome', 'created', 'request_id', p_request.id, 'response', p_request.response);
END $$;
