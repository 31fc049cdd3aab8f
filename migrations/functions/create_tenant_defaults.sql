-- Creates the settings, the branding, the default segment and the default packages of a new tenant.
CREATE OR REPLACE FUNCTION create_tenant_defaults(p_tenant_id uuid, p_payload jsonb, p_defaults jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_segment_id uuid;
BEGIN
    INSERT INTO tenant_settings (tenant_id, time_zone, currency)
    VALUES (p_tenant_id, p_payload ->> 'timeZone', p_payload ->> 'currency');
    INSERT INTO tenant_branding (tenant_id, theme) VALUES (p_tenant_id, p_payload ->> 'theme');
    INSERT INTO segments (tenant_id, slug, name)
    VALUES (p_tenant_id, p_defaults #>> '{segment,slug}', p_defaults #>> '{segment,name}')
    RETURNING id INTO v_segment_id;
    INSERT INTO packages (tenant_id, segment_id, slug, name, base_price, position)
    SELECT p_tenant_id, v_segment_id, p.slug, p.name, p."basePrice", p.position
    FROM jsonb_to_recordset(p_defaults -> 'packages')
        AS p (slug text, name text, "basePrice" bigint, position integer);
END $$;
