-- Returns the values of an audit entry without personal data: the names of all values, and the values themselves only
-- where they cannot describe a person or an organisation. Every other value becomes null. Null stays null.
CREATE OR REPLACE FUNCTION redacted_audit_values(p_values jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(p_values) WHEN 'object' THEN (
        SELECT coalesce(jsonb_object_agg(key, CASE WHEN key IN (
            'active', 'basePrice', 'blueprint', 'bookingType', 'code', 'commissionBasisPoints', 'commissionPercent',
            'currency', 'deletedAt', 'expiresAt', 'failedAttempts', 'features', 'groupingOrder', 'keyId',
            'overlapHours', 'plan', 'purgedAt', 'quotas', 'role', 'sortOrder', 'state', 'status', 'step', 'trialEndsAt',
            'userId')
            THEN value END), '{}')
        FROM jsonb_each(p_values))
    END
$$;
