-- Authenticates a call with the secret key of a tenant, and limits the rest of the transaction to the rows of this
-- tenant: the role becomes `tenantry_tenant`, and `app.tenant_id` is set, both until the transaction ends. Returns the
-- tenant and the key. Returns no row for a key that does not work, and for the key of a deleted tenant.
--
-- Does not limit the transaction if the tenant is not active; the caller refuses the call. Records the time of use of
-- the key, at most once a minute. If `p_is_change`, first waits for the running change of the tenant, and then locks
-- the tenant.
CREATE OR REPLACE FUNCTION begin_tenant_call(p_secret_hash bytea, p_is_change boolean)
RETURNS TABLE (tenant_id uuid, request_id uuid, slug text, status text, key_id uuid, key_name text)
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_last_used_at timestamptz;
BEGIN
    IF p_is_change THEN
        PERFORM FROM tenants t WHERE t.id = (SELECT k.tenant_id FROM api_keys k WHERE k.secret_hash = p_secret_hash)
        FOR NO KEY UPDATE;
    END IF;
    SELECT t.id, t.request_id, t.slug, t.status, k.id, k.name, k.last_used_at
    INTO tenant_id, request_id, slug, status, key_id, key_name, v_last_used_at
    FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
    WHERE k.secret_hash = p_secret_hash AND k.revoked_at IS NULL AND t.status <> 'deleted' AND t.purged_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp());
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF status = 'active' THEN
        -- Does not wait for another call that records the time of use.
        IF (v_last_used_at < now() - interval '1 minute') IS NOT FALSE THEN
            UPDATE api_keys k SET last_used_at = now() WHERE k.id = (
                SELECT u.id FROM api_keys u WHERE u.id = key_id FOR NO KEY UPDATE SKIP LOCKED);
        END IF;
        PERFORM set_config('app.tenant_id', tenant_id::text, true), set_config('role', 'tenantry_tenant', true);
    END IF;
    RETURN NEXT;
END $$;
