-- Returns {"outcome", "request_id"} for a call whose idempotency key belongs to a request that is `processing`,
-- `completed` or `rolled_back`: REQUEST_IN_PROGRESS while it is `processing`; DUPLICATE_REQUEST if its tenant no longer
-- exists; IDEMPOTENCY_KEY_REUSED if the payload differs; or `replayed`, with `response`. `p_fingerprint` is null for a
-- malformed payload.
CREATE OR REPLACE FUNCTION repeated_key_outcome(p_request provisioning_requests, p_fingerprint bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object('request_id', p_request.id) || CASE
        WHEN p_request.status = 'processing' THEN jsonb_build_object('outcome', 'REQUEST_IN_PROGRESS')
        WHEN NOT request_is_live(p_request) THEN jsonb_build_object('outcome', 'DUPLICATE_REQUEST')
        WHEN p_request.fingerprint IS DISTINCT FROM p_fingerprint
            THEN jsonb_build_object('outcome', 'IDEMPOTENCY_KEY_REUSED')
        ELSE jsonb_build_object('outcome', 'replayed', 'response', p_request.response)
    END;
END $$;
