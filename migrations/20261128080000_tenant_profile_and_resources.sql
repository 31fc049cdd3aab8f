-- The columns of tenants, settings, branding, segments and packages (docs/specification.md, section 7), the resources
-- of tenants in external systems, and jobs that wait for the owner of their tenant.

ALTER TABLE tenants
    ADD COLUMN short_name text,
    ADD COLUMN industry text,
    -- The ID of the tenant in another system. An import finds its tenants by this ID.
    ADD COLUMN external_id text,
    -- The quotas that differ from those of the plan. Null means unlimited.
    ADD COLUMN quota_overrides jsonb NOT NULL DEFAULT '{}',
    -- The features that differ from those of the plan, by name: true or false.
    ADD COLUMN feature_overrides jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN trial_ends_at timestamptz;

ALTER TABLE tenant_settings
    -- Null only in a row that a server of an earlier version inserted.
    ADD COLUMN company_name text,
    ADD COLUMN support_email text,
    ADD COLUMN support_phone text,
    ADD COLUMN website_url text,
    ADD COLUMN locale text NOT NULL DEFAULT 'en',
    -- The sender of mails to customers. Null: the company's name, and the address of the platform.
    ADD COLUMN email_from_name text,
    ADD COLUMN email_from_address text;

ALTER TABLE tenant_branding
    ADD COLUMN logo_url text,
    ADD COLUMN color_primary text NOT NULL DEFAULT '#334155',
    ADD COLUMN color_secondary text NOT NULL DEFAULT '#475569',
    ADD COLUMN color_accent text NOT NULL DEFAULT '#64748b';

-- Every existing segment is the default segment, so that its texts can be the defaults of the new columns. Later
-- segments begin without texts.
ALTER TABLE segments
    ADD COLUMN hero_title text NOT NULL DEFAULT 'Welcome',
    ADD COLUMN description text NOT NULL DEFAULT 'Everything that we offer, in one place.',
    ADD COLUMN sort_order integer NOT NULL DEFAULT 1,
    ADD COLUMN active boolean NOT NULL DEFAULT true;
ALTER TABLE segments ALTER COLUMN hero_title SET DEFAULT '', ALTER COLUMN description SET DEFAULT '';

ALTER TABLE packages
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN booking_type text NOT NULL DEFAULT 'DATE',
    ADD COLUMN grouping_order integer NOT NULL DEFAULT 0,
    ADD COLUMN active boolean NOT NULL DEFAULT true,
    -- Replaced by `grouping_order`. A later version drops the column.
    ALTER COLUMN position DROP NOT NULL;

-- What the steps of a tenant's jobs created in external systems. Outlives the jobs.
CREATE TABLE tenant_resources (
    tenant_id uuid NOT NULL CONSTRAINT tenant_resources_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT tenant_resources_kind_check CHECK (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    -- The name or the ID in the external system.
    external_reference text NOT NULL,
    -- Where a person finds the resource. Null if the step does not know the address.
    url text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind)
);

-- `blocked`: the job waits for the owner of its tenant. No worker claims the job.
ALTER TABLE jobs
    DROP CONSTRAINT jobs_state_check,
    ADD CONSTRAINT jobs_state_check CHECK (
        state IN ('blocked', 'pending', 'running', 'succeeded', 'skipped', 'retrying', 'dead', 'compensated')
    ) NOT VALID;

-- The next migrations fill the columns and validate the constraints.
ALTER TABLE tenants
    ADD CONSTRAINT tenants_short_name_check CHECK (length(short_name) BETWEEN 1 AND 40) NOT VALID,
    ADD CONSTRAINT tenants_industry_check CHECK (length(industry) BETWEEN 1 AND 80) NOT VALID,
    ADD CONSTRAINT tenants_external_id_check CHECK (length(external_id) BETWEEN 1 AND 100) NOT VALID,
    ADD CONSTRAINT tenants_quota_overrides_check CHECK (
        jsonb_typeof(quota_overrides) = 'object'
        AND quota_overrides - '{maxUsers,maxMonthlyQuotes,maxStorageGb}'::text[] = '{}'
        AND NOT quota_overrides @? '$.* ? (@.type() != "null" && (@.type() != "number" || @ < 0))'
    ) NOT VALID,
    ADD CONSTRAINT tenants_feature_overrides_check CHECK (
        jsonb_typeof(feature_overrides) = 'object' AND NOT feature_overrides @? '$.* ? (@.type() != "boolean")'
    ) NOT VALID;
ALTER TABLE tenant_settings
    ADD CONSTRAINT tenant_settings_company_name_check CHECK (length(company_name) BETWEEN 1 AND 120) NOT VALID,
    ADD CONSTRAINT tenant_settings_support_email_check CHECK (support_email ~ '^[^@\s]{1,64}@[^@\s]{1,253}$') NOT VALID,
    ADD CONSTRAINT tenant_settings_support_phone_check CHECK (support_phone ~ '^[+]?[0-9 ./()-]{3,40}$') NOT VALID,
    ADD CONSTRAINT tenant_settings_website_url_check CHECK (
        website_url ~ '^https?://\S+$' AND length(website_url) <= 300
    ) NOT VALID,
    ADD CONSTRAINT tenant_settings_locale_check CHECK (
        locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'
    ) NOT VALID,
    ADD CONSTRAINT tenant_settings_email_from_name_check CHECK (length(email_from_name) BETWEEN 1 AND 120) NOT VALID,
    ADD CONSTRAINT tenant_settings_email_from_address_check CHECK (
        email_from_address ~ '^[^@\s]{1,64}@[^@\s]{1,253}$'
    ) NOT VALID;
ALTER TABLE tenant_branding
    ADD CONSTRAINT tenant_branding_logo_url_check CHECK (
        logo_url ~ '^https?://\S+$' AND length(logo_url) <= 300
    ) NOT VALID,
    ADD CONSTRAINT tenant_branding_color_primary_check CHECK (color_primary ~ '^#[0-9a-f]{6}$') NOT VALID,
    ADD CONSTRAINT tenant_branding_color_secondary_check CHECK (color_secondary ~ '^#[0-9a-f]{6}$') NOT VALID,
    ADD CONSTRAINT tenant_branding_color_accent_check CHECK (color_accent ~ '^#[0-9a-f]{6}$') NOT VALID;
ALTER TABLE segments
    ADD CONSTRAINT segments_hero_title_check CHECK (length(hero_title) <= 120) NOT VALID,
    ADD CONSTRAINT segments_description_check CHECK (length(description) <= 2000) NOT VALID,
    ADD CONSTRAINT segments_sort_order_check CHECK (sort_order >= 0) NOT VALID;
ALTER TABLE packages
    ADD CONSTRAINT packages_description_check CHECK (length(description) <= 2000) NOT VALID,
    ADD CONSTRAINT packages_booking_type_check CHECK (booking_type IN ('DATE', 'TIMESLOT')) NOT VALID,
    ADD CONSTRAINT packages_grouping_order_check CHECK (grouping_order >= 0) NOT VALID;
