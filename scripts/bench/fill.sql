-- Inserts tenants :from to :to with owners and requests, and a failed request for every tenth tenant.
-- All constraints hold. The newest request of :employee is the template.
BEGIN;
SET LOCAL statement_timeout = 0;

-- A time-ordered UUID, like those of the engine.
CREATE FUNCTION pg_temp.bench_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1700000000000 + n * 1000), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
        || '8' || substr(md5(kind || n), 4, 15))::uuid
$$;

INSERT INTO employees (id, kind, name, role)
SELECT pg_temp.bench_id('employee', e), 'service', 'Bench admin ' || e, 'ADMIN' FROM generate_series(1, 20) e
ON CONFLICT DO NOTHING;

-- One request every 3 s. Admin 1 creates most requests, and admin 20 one request in 10,000.
CREATE TEMP TABLE batch ON COMMIT DROP AS
SELECT n, words[1 + n % cardinality(words)] || '-' || n AS slug,
    pg_temp.bench_id(
        'employee', CASE WHEN n % 10000 = 0 THEN 20 WHEN n % 50 < 18 THEN 2 + n % 50 ELSE 1 END) AS employee_id,
    now() - (10000000 - n) * interval '3 s' AS created_at
FROM generate_series(:from, :to) n, (SELECT :'words'::text[] AS words) w;

CREATE TEMP TABLE sample ON COMMIT DROP AS
SELECT payload, response, fingerprint FROM provisioning_requests
WHERE employee_id = :'employee' AND status = 'completed' ORDER BY created_at DESC LIMIT 1;

INSERT INTO users (id, email, email_canonical, name, created_by_request, created_at)
SELECT pg_temp.bench_id('user', n), slug || '@bench.example', slug || '@bench.example', 'Owner ' || n,
    pg_temp.bench_id('request', n), created_at
FROM batch;

INSERT INTO provisioning_requests (id, employee_id, idempotency_key, fingerprint, status, payload, response, slug, name,
    owner_email, tenant_id, tenant_code, created_at, finished_at, elapsed_ms)
SELECT pg_temp.bench_id('request', n), b.employee_id, pg_temp.bench_id('key', n), s.fingerprint, 'completed',
    s.payload || jsonb_build_object('slug', b.slug),
    s.response || jsonb_build_object('requestId', pg_temp.bench_id('request', n)),
    b.slug, 'Bench ' || b.slug, b.slug || '@bench.example', pg_temp.bench_id('tenant', n),
    'TEN-' || lpad((50000000 + n)::text, 8, '0'),
    b.created_at, b.created_at + interval '5 ms', 5
FROM batch b, sample s;

INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, code, problem, slug, name,
    owner_email, created_at, finished_at, elapsed_ms)
SELECT pg_temp.bench_id('failed', n), b.employee_id, pg_temp.bench_id('failed key', n), 'failed',
    s.payload || jsonb_build_object('slug', b.slug), f.code, jsonb_build_object('code', f.code),
    b.slug, 'Bench ' || b.slug, b.slug || '@bench.example', b.created_at - interval '1 s', b.created_at, 2
FROM batch b, sample s,
    LATERAL (SELECT CASE WHEN n % 5000 = 0 THEN 'LOCK_TIMEOUT' WHEN n % 20 = 0 THEN 'EMAIL_UNAVAILABLE'
        ELSE 'DUPLICATE_SLUG' END AS code) f
WHERE n % 10 = 0;

INSERT INTO tenants (id, code, slug, name, status, plan, blueprint, commission_basis_points, owner_id, created_by,
    request_id, created_at, activated_at)
SELECT pg_temp.bench_id('tenant', n), 'TEN-' || lpad((50000000 + n)::text, 8, '0'), slug, 'Bench ' || slug, 'active',
    'lite', 'standard', 0,
    pg_temp.bench_id('user', n), employee_id, pg_temp.bench_id('request', n), created_at, created_at
FROM batch;
COMMIT;
