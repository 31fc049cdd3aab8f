-- Gives existing tenants the defaults of new ones, and lists what finished steps created. Locks only rows, so that
-- calls continue.

UPDATE tenant_settings s SET company_name = t.name FROM tenants t WHERE t.id = s.tenant_id;

-- The defaults of the columns are the colours of the theme `slate`.
UPDATE tenant_branding b SET
    color_primary = c.color_primary, color_secondary = c.color_secondary, color_accent = c.color_accent
FROM (VALUES ('ocean', '#075985', '#0e7490', '#06b6d4'), ('forest', '#166534', '#3f6212', '#84cc16'),
             ('sunset', '#9a3412', '#b45309', '#f59e0b'), ('plum', '#6b21a8', '#86198f', '#ec4899'))
    AS c (theme, color_primary, color_secondary, color_accent)
WHERE b.theme = c.theme;

UPDATE packages SET
    grouping_order = position,
    description = CASE slug
        WHEN 'basic-package' THEN 'The essentials for a simple start.'
        WHEN 'standard-package' THEN 'The usual choice, with more included.'
        WHEN 'premium-package' THEN 'The complete experience, with every extra.'
        ELSE '' END;

INSERT INTO tenant_resources (tenant_id, kind, external_reference, created_at)
SELECT j.tenant_id, k.kind, s.external_reference, coalesce(s.finished_at, now())
FROM jobs j JOIN job_steps s ON s.job_id = j.id
JOIN (VALUES ('STEP_1_COPY_DB', 'database'), ('STEP_3_ODOO18_UPDATE_ADMIN_USER', 'odoo18_user'),
             ('STEP_4_ODOO19_UPSERT_TENANT', 'odoo19_tenant'), ('STEP_5_ODOO19_UPSERT_TENANT_USER', 'odoo19_user'),
             ('STEP_6_BRIDGE_METADATA_UPSERT', 'bridge_entry')) AS k (step, kind) ON k.step = s.name
WHERE j.tenant_id IS NOT NULL AND s.state = 'succeeded' AND s.external_reference IS NOT NULL;
