-- Tenants and the rows that belong to a tenant.

CREATE SEQUENCE tenant_number_seq;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    code text NOT NULL
        CONSTRAINT tenants_code_key UNIQUE
        CONSTRAINT tenants_code_check CHECK (code ~ '^TEN-\d{8,}$'),
    slug text NOT NULL CONSTRAINT tenants_slug_check CHECK (
        length(slug) BETWEEN 3 AND 40 AND slug ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'
    ),
    name text NOT NULL CONSTRAINT tenants_name_check CHECK (length(name) BETWEEN 1 AND 120),
    status text NOT NULL CONSTRAINT tenants_status_check CHECK (
        status IN ('provisioning', 'pending_activation', 'setup_incomplete', 'active', 'suspended', 'deleted')
    ),
    plan text NOT NULL CONSTRAINT tenants_plan_check CHECK (plan IN ('lite', 'pro', 'enterprise')),
    blueprint text NOT NULL,
    -- Hundredths of a percent.
    commission_basis_points integer NOT NULL CONSTRAINT tenants_commission_check CHECK (
        commission_basis_points BETWEEN 0 AND 10000
    ),
    owner_id uuid REFERENCES users (id),
    created_by uuid NOT NULL REFERENCES employees (id),
    request_id uuid NOT NULL CONSTRAINT tenants_request_key UNIQUE REFERENCES provisioning_requests (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    suspended_at timestamptz,
    deleted_at timestamptz,
    purged_at timestamptz,
    CONSTRAINT tenants_owner_check CHECK (
        owner_id IS NOT NULL OR status IN ('provisioning', 'pending_activation', 'setup_incomplete')
    )
);
CREATE UNIQUE INDEX tenants_slug_key ON tenants (slug) WHERE purged_at IS NULL;
CREATE INDEX tenants_owner_idx ON tenants (owner_id);

CREATE TABLE memberships (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CONSTRAINT memberships_role_check CHECK (role IN ('owner', 'member')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user_idx ON memberships (user_id);

CREATE TABLE tenant_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    time_zone text NOT NULL,
    currency text NOT NULL CONSTRAINT tenant_settings_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tenant_branding (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    theme text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE segments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    slug text NOT NULL,
    name text NOT NULL,
    CONSTRAINT segments_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT segments_tenant_id_key UNIQUE (tenant_id, id)
);

CREATE TABLE packages (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    segment_id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    -- Minor currency units.
    base_price bigint NOT NULL CONSTRAINT packages_base_price_check CHECK (base_price >= 0),
    position integer NOT NULL,
    CONSTRAINT packages_slug_key UNIQUE (tenant_id, slug),
    -- A package and its segment belong to the same tenant.
    CONSTRAINT packages_segment_fkey FOREIGN KEY (tenant_id, segment_id) REFERENCES segments (tenant_id, id)
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    public_key text NOT NULL CONSTRAINT api_keys_public_key UNIQUE,
    secret_hash bytea NOT NULL
        CONSTRAINT api_keys_secret_key UNIQUE
        CONSTRAINT api_keys_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_tenant_idx ON api_keys (tenant_id);

-- Secrets that the steps of a tenant need, encrypted with the master key.
CREATE TABLE tenant_secrets (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    field text NOT NULL,
    -- The wrapped data key and the ciphertext. Each starts with its nonce.
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, field)
);

CREATE TABLE one_time_tokens (
    token_hash bytea PRIMARY KEY CONSTRAINT one_time_tokens_hash_check CHECK (octet_length(token_hash) = 32),
    purpose text NOT NULL CONSTRAINT one_time_tokens_purpose_check CHECK (
        purpose IN ('first_admin', 'owner_invitation')
    ),
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    tenant_id uuid CONSTRAINT one_time_tokens_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT one_time_tokens_invitation_names_owner CHECK (
        purpose <> 'owner_invitation' OR (user_id IS NOT NULL AND tenant_id IS NOT NULL)
    )
);
CREATE INDEX one_time_tokens_tenant_idx ON one_time_tokens (tenant_id);
