-- Returns why a person cannot be erased, as an array of {"kind", "code", "name"}: `last_owner` for each tenant that
-- would have no owner who has joined, `last_super_admin`, and `own_account` if the person is the actor.
CREATE OR REPLACE FUNCTION refusals_of_erasure(p_person identified_person, p_actor_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT jsonb_agg(jsonb_build_object('kind', 'last_owner', 'code', t.code, 'name', t.name) ORDER BY t.code)
        FROM tenants t
        WHERE t.status <> 'deleted' AND (t.owner_id = p_person.user_id OR EXISTS (
                SELECT FROM memberships m WHERE m.tenant_id = t.id AND m.user_id = p_person.user_id
                    AND m.role = 'owner' AND m.joined_at IS NOT NULL))
            AND NOT EXISTS (
                SELECT FROM memberships m WHERE m.tenant_id = t.id AND m.user_id <> p_person.user_id
                    AND m.role = 'owner' AND m.joined_at IS NOT NULL)), '[]')
    || CASE WHEN EXISTS (
            SELECT FROM employees e JOIN users u ON u.id = e.user_id
            WHERE e.id = p_person.employee_id AND e.role = 'SUPER_ADMIN' AND e.status = 'active'
                AND u.password_hash IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM employees e JOIN users u ON u.id = e.user_id
            WHERE e.id <> p_person.employee_id AND e.role = 'SUPER_ADMIN' AND e.status = 'active'
                AND u.password_hash IS NOT NULL)
        THEN '[{"kind": "last_super_admin"}]' ELSE '[]'::jsonb END
    || CASE WHEN p_actor_id = p_person.employee_id THEN '[{"kind": "own_account"}]' ELSE '[]'::jsonb END;
END $$;
