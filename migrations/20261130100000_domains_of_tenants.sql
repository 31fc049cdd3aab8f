-- The custom domains of tenants (docs/specification.md, section 7). Several tenants can claim a domain; one of them can
-- verify it. A purge deletes the domains of its tenant, and they are free again.

CREATE TABLE tenant_domains (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT tenant_domains_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    -- The canonical form: ASCII, in lowercase.
    domain text NOT NULL CONSTRAINT tenant_domains_domain_check CHECK (
        length(domain) <= 233 AND domain ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$'
    ),
    status text NOT NULL DEFAULT 'pending' CONSTRAINT tenant_domains_status_check CHECK (
        status IN ('pending', 'verified', 'refused')
    ),
    -- The random part of the value of the DNS record. It is public in DNS.
    token text NOT NULL CONSTRAINT tenant_domains_token_check CHECK (length(token) >= 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    verified_at timestamptz,
    -- The last check of the DNS record.
    checked_at timestamptz,
    check_result text CONSTRAINT tenant_domains_check_result_check CHECK (
        check_result IN ('verified', 'not_found', 'mismatch', 'dns_error', 'claimed')
    ),
    -- The values that DNS returned.
    check_found text[] NOT NULL DEFAULT '{}',
    -- The key of the call that added the domain.
    idempotency_key uuid,
    CONSTRAINT tenant_domains_tenant_key UNIQUE (tenant_id, domain),
    CONSTRAINT tenant_domains_verification_check CHECK ((status = 'verified') = (verified_at IS NOT NULL)),
    CONSTRAINT tenant_domains_last_check_check CHECK ((checked_at IS NULL) = (check_result IS NULL))
);
CREATE UNIQUE INDEX tenant_domains_verified_key ON tenant_domains (domain) WHERE status = 'verified';
CREATE UNIQUE INDEX tenant_domains_idempotency_key ON tenant_domains (idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX tenant_domains_domain_idx ON tenant_domains (domain);

SELECT protect_rows('tenant_domains');
GRANT SELECT ON tenant_domains TO tenantry_tenant;
