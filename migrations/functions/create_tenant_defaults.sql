-- Creates the settings, the branding, the default segment and the default packages of a new tenant. A server of an
-- earlier version passes neither settings nor branding, and no ids.
CREATE OR REPLACE FUNCTION create_tenant_defaults(p_tenant_id uuid, p_payload jsonb, p_defaults jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_settings jsonb := p_defaults -> 'settings';
    v_branding jsonb := p_defaults -> 'branding';
    v_segment jsonb := p_defaults -> 'segment';
    v_segment_id uuid := coalesce((v_segment ->> 'id')::uuid, gen_random_uuid());
BEGIN
    INSERT INTO tenant_settings (
        tenant_id, time_zone, currency, company_name, support_email, support_phone, website_url, locale,
        email_from_name, email_from_address)
    VALUES (
        p_tenant_id, p_payload ->> 'timeZone', p_payload ->> 'currency',
        coalesce(v_settings ->> 'companyName', p_payload ->> 'name'), v_settings ->> 'supportEmail',
        v_settings ->> 'supportPhone', v_settings ->> 'websiteUrl', coalesce(v_settings ->> 'locale', 'en'),
        v_settings ->> 'emailFromName', v_settings ->> 'emailFromAddress');
    IF v_branding IS NULL THEN
        INSERT INTO tenant_branding (tenant_id, theme) VALUES (p_tenant_id, p_payload ->> 'theme');
    ELSE
        INSERT INTO tenant_branding (tenant_id, theme, logo_url, color_primary, color_secondary, color_accent)
        VALUES (p_tenant_id, p_payload ->> 'theme', v_branding ->> 'logoUrl', v_branding ->> 'colorPrimary',
                v_branding ->> 'colorSecondary', v_branding ->> 'colorAccent');
    END IF;
    INSERT INTO segments (id, tenant_id, slug, name, hero_title, description, sort_order)
    VALUES (v_segment_id, p_tenant_id, v_segment ->> 'slug', v_segment ->> 'name',
            coalesce(v_segment ->> 'heroTitle', ''), coalesce(v_segment ->> 'description', ''),
            coalesce((v_segment ->> 'sortOrder')::integer, 1));
    INSERT INTO packages (
        id, tenant_id, segment_id, slug, name, description, base_price, booking_type, grouping_order)
    SELECT coalesce(p.id, gen_random_uuid()), p_tenant_id, v_segment_id, p.slug, p.name, coalesce(p.description, ''),
        p."basePrice", coalesce(p."bookingType", 'DATE'), coalesce(p."groupingOrder", p.position)
    FROM jsonb_to_recordset(p_defaults -> 'packages') AS p (
        id uuid, slug text, name text, description text, "basePrice" bigint, "bookingType" text,
        "groupingOrder" integer, position integer);
END $$;
