-- no-transaction
-- Validates the constraints of the profile, and adds the index of the external IDs. A tenant without an external ID
-- adds no entry to this index.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS tenants_external_id_key ON tenants (external_id)
    WHERE external_id IS NOT NULL AND purged_at IS NULL;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_short_name_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_industry_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_external_id_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_quota_overrides_check;
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_feature_overrides_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_company_name_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_support_email_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_support_phone_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_website_url_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_locale_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_email_from_name_check;
ALTER TABLE tenant_settings VALIDATE CONSTRAINT tenant_settings_email_from_address_check;
ALTER TABLE tenant_branding VALIDATE CONSTRAINT tenant_branding_logo_url_check;
ALTER TABLE tenant_branding VALIDATE CONSTRAINT tenant_branding_color_primary_check;
ALTER TABLE tenant_branding VALIDATE CONSTRAINT tenant_branding_color_secondary_check;
ALTER TABLE tenant_branding VALIDATE CONSTRAINT tenant_branding_color_accent_check;
ALTER TABLE segments VALIDATE CONSTRAINT segments_hero_title_check;
ALTER TABLE segments VALIDATE CONSTRAINT segments_description_check;
ALTER TABLE segments VALIDATE CONSTRAINT segments_sort_order_check;
ALTER TABLE packages VALIDATE CONSTRAINT packages_description_check;
ALTER TABLE packages VALIDATE CONSTRAINT packages_booking_type_check;
ALTER TABLE packages VALIDATE CONSTRAINT packages_grouping_order_check;
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_state_check;
