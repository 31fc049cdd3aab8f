-- The calls of tenants' programs that created something, by their idempotency keys (docs/specification.md, section 8).

CREATE TABLE tenant_calls (
    tenant_id uuid NOT NULL CONSTRAINT tenant_calls_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    idempotency_key uuid NOT NULL,
    -- The fingerprint of the body.
    fingerprint bytea NOT NULL CONSTRAINT tenant_calls_fingerprint_check CHECK (octet_length(fingerprint) = 32),
    -- The response, which a repeated call returns.
    response jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, idempotency_key)
);
-- Maintenance deletes old rows. The column follows the order of insertion, so a small index that summarizes blocks is
-- enough.
CREATE INDEX tenant_calls_created_idx ON tenant_calls USING brin (created_at) WITH (pages_per_range = 16);

SELECT protect_rows('tenant_calls');
GRANT SELECT, INSERT ON tenant_calls TO tenantry_tenant;
