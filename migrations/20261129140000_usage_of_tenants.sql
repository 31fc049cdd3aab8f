-- The metered use of tenants (docs/specification.md, section 7).

CREATE TABLE tenant_usage (
    tenant_id uuid NOT NULL CONSTRAINT tenant_usage_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    metric text NOT NULL CONSTRAINT tenant_usage_metric_check CHECK (metric IN ('quotes', 'storage_bytes')),
    -- The month in UTC, such as 2026-11, of a metric that is counted by month; else empty.
    period text NOT NULL CONSTRAINT tenant_usage_period_check CHECK (
        CASE metric WHEN 'quotes' THEN period ~ '^\d{4}-\d{2}$' ELSE period = '' END
    ),
    used bigint NOT NULL CONSTRAINT tenant_usage_used_check CHECK (used >= 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, metric, period)
);

SELECT protect_rows('tenant_usage');
GRANT SELECT, INSERT, UPDATE ON tenant_usage TO tenantry_tenant;
