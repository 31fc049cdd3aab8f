-- Removes a person from the tenants: the memberships, the members whom an import has not invited yet, and contact data.
-- A tenant with another owner who has joined gets this owner. The person stays the owner of deleted tenants, which a
-- purge deletes. Returns the number of changed rows by table. The caller has locked the rows, and has checked
-- `refusals_of_erasure`.
CREATE OR REPLACE FUNCTION remove_person_from_tenants(
    p_person identified_person, p_actor_id uuid, p_actor_name text, p_client_address text
) RETURNS TABLE (place text, changed bigint) LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    WITH transferred AS (
        UPDATE tenants t SET owner_id = (
            SELECT m.user_id FROM memberships m
            WHERE m.tenant_id = t.id AND m.user_id <> p_person.user_id AND m.role = 'owner' AND m.joined_at IS NOT NULL
            ORDER BY m.joined_at, m.user_id LIMIT 1)
        WHERE t.owner_id = p_person.user_id AND t.status <> 'deleted' RETURNING t.id, t.request_id, t.owner_id)
    INSERT INTO audit_log (
        actor_id, actor_name, client_address, action, subject_kind, subject_id, request_id, before, after)
    SELECT p_actor_id, p_actor_name, p_client_address, 'tenant.owner_changed', 'tenant', id, request_id,
           jsonb_build_object('userId', p_person.user_id), jsonb_build_object('userId', owner_id)
    FROM transferred;
    RETURN QUERY WITH deleted AS (
        DELETE FROM memberships m WHERE m.user_id = p_person.user_id AND NOT EXISTS (
            SELECT FROM tenants t WHERE t.id = m.tenant_id AND t.owner_id = p_person.user_id) RETURNING 1)
    SELECT 'memberships', count(*) FROM deleted;
    RETURN QUERY WITH changed AS (
        UPDATE memberships m SET invited_name = NULL, invited_email = NULL
        WHERE m.user_id = p_person.user_id AND (m.invited_name IS NOT NULL OR m.invited_email IS NOT NULL) RETURNING 1)
    SELECT 'memberships', count(*) FROM changed;
    RETURN QUERY WITH changed AS (
        UPDATE tenant_imported_values v SET pending_members = (
            SELECT coalesce(jsonb_agg(member), '[]') FROM jsonb_array_elements(v.pending_members) member
            WHERE (lower(member ->> 'email') = ANY (p_person.addresses)) IS NOT TRUE)
        WHERE EXISTS (
            SELECT FROM jsonb_array_elements(v.pending_members) member
            WHERE lower(member ->> 'email') = ANY (p_person.addresses)) RETURNING 1)
    SELECT 'tenant_imported_values', count(*) FROM changed;
    RETURN QUERY WITH changed AS (
        UPDATE tenant_settings s SET
            support_email = CASE WHEN lower(s.support_email) <> ALL (p_person.addresses) THEN s.support_email END,
            email_from_address = CASE WHEN lower(s.email_from_address) <> ALL (p_person.addresses)
                THEN s.email_from_address END,
            email_from_name = CASE WHEN lower(s.email_from_name) <> ALL (p_person.names) THEN s.email_from_name END,
            support_phone = CASE WHEN (t.owner_id = p_person.user_id AND t.status = 'deleted') IS NOT TRUE
                THEN s.support_phone END
        FROM tenants t
        WHERE t.id = s.tenant_id AND (
            lower(s.support_email) = ANY (p_person.addresses)
            OR lower(s.email_from_address) = ANY (p_person.addresses)
            OR (t.owner_id = p_person.user_id AND t.status = 'deleted'
                AND (s.support_phone IS NOT NULL OR lower(s.email_from_name) = ANY (p_person.names)))) RETURNING 1)
    SELECT 'tenant_settings', count(*) FROM changed;
END $$;
