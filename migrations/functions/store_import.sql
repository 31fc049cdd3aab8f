-- Stores what an import knows of a new tenant besides its payload. `p_import` is {"values", "pendingMembers", "secrets"
-- [{"field", "wrappedKey", "ciphertext"}]}, the bytes in base64. Does nothing if it is null, because the tenant is not
-- imported.
CREATE OR REPLACE FUNCTION store_import(p_tenant_id uuid, p_import jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF p_import IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO tenant_imported_values (tenant_id, file_values, pending_members)
    VALUES (p_tenant_id, p_import -> 'values', p_import -> 'pendingMembers');
    INSERT INTO tenant_secrets (tenant_id, field, wrapped_key, ciphertext)
    SELECT p_tenant_id, s.field, decode(s."wrappedKey", 'base64'), decode(s.ciphertext, 'base64')
    FROM jsonb_to_recordset(p_import -> 'secrets') AS s (field text, "wrappedKey" text, ciphertext text);
END $$;
