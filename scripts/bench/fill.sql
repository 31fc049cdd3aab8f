-- Inserts complete tenants :from to :to with owners, requests, jobs and audit entries, and a failed request for every
-- tenth tenant. The newest request of :employee is the template. There are no invitations, because they would have
-- expired.
BEGIN;
SET LOCAL statement_timeout = 0;
-- Checking the foreign keys row by row would take most of the time. `tenantry verify` finds missing rows afterwards.
SET LOCAL session_replication_role = replica;

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

-- The triggers that copy the owner's address do not run.
INSERT INTO tenants (id, code, slug, name, status, suspended_at, suspension_reason, plan, blueprint,
    commission_basis_points, owner_id, owner_email, created_by, request_id, created_at, activated_at)
SELECT pg_temp.bench_id('tenant', n), 'TEN-' || lpad((50000000 + n)::text, 8, '0'), slug, 'Bench ' || slug,
    CASE WHEN n % 50 = 0 THEN 'suspended' ELSE 'active' END, CASE WHEN n % 50 = 0 THEN created_at END,
    CASE WHEN n % 50 = 0 THEN 'The trial has ended.' END,
    CASE WHEN n % 7 = 0 THEN 'pro' ELSE 'lite' END, 'standard', 0,
    pg_temp.bench_id('user', n), slug || '@bench.example', employee_id, pg_temp.bench_id('request', n), created_at,
    created_at
FROM batch;

INSERT INTO provisioning_attempts (request_id, number, status, stages, started_at, finished_at)
SELECT pg_temp.bench_id('request', n), 1, 'completed', s.response -> 'stages', created_at,
    created_at + interval '5 ms'
FROM batch b, sample s;

INSERT INTO provisioning_attempts (request_id, number, status, code, started_at, finished_at)
SELECT id, attempt, status, code, created_at, finished_at FROM provisioning_requests
WHERE id IN (SELECT pg_temp.bench_id('failed', n) FROM batch WHERE n % 10 = 0);

INSERT INTO memberships (tenant_id, user_id, role)
SELECT pg_temp.bench_id('tenant', n), pg_temp.bench_id('user', n), 'owner' FROM batch;

INSERT INTO tenant_settings (tenant_id, time_zone, currency, company_name)
SELECT pg_temp.bench_id('tenant', n), s.payload ->> 'timeZone', s.payload ->> 'currency', 'Bench ' || b.slug
FROM batch b, sample s;

INSERT INTO tenant_branding (tenant_id, theme)
SELECT pg_temp.bench_id('tenant', n), s.payload ->> 'theme' FROM batch b, sample s;

INSERT INTO segments (id, tenant_id, slug, name)
SELECT pg_temp.bench_id('segment', n), pg_temp.bench_id('tenant', n), s.response #>> '{segment,slug}',
    s.response #>> '{segment,name}'
FROM batch b, sample s;

INSERT INTO packages (tenant_id, segment_id, slug, name, base_price, grouping_order)
SELECT pg_temp.bench_id('tenant', n), pg_temp.bench_id('segment', n), p.value ->> 'slug', p.value ->> 'name',
    (p.value ->> 'basePrice')::bigint, p.place
FROM batch b, sample s, jsonb_array_elements(s.response -> 'packages') WITH ORDINALITY p (value, place);

INSERT INTO api_keys (tenant_id, public_key, secret_hash)
SELECT pg_temp.bench_id('tenant', n), 'pk_live_bench_' || n, sha256(('secret' || n)::bytea) FROM batch;

INSERT INTO jobs (id, kind, request_id, tenant_id, creates_tenant, state, created_at, finished_at, due_at)
SELECT pg_temp.bench_id('job', n), 'provisioning', pg_temp.bench_id('request', n), pg_temp.bench_id('tenant', n), true,
    s.response #>> '{pipeline,state}', created_at, created_at, created_at
FROM batch b, sample s;

INSERT INTO job_steps (job_id, position, name, connector, state)
SELECT pg_temp.bench_id('job', n), step.place, step.value ->> 'name', step.value ->> 'connector',
    step.value ->> 'state'
FROM batch b, sample s, jsonb_array_elements(s.response #> '{pipeline,steps}') WITH ORDINALITY step (value, place)
WHERE s.response #>> '{pipeline,state}' <> 'skipped';

INSERT INTO audit_log (at, actor_id, actor_name, action, subject_kind, subject_id, request_id, after)
SELECT created_at, employee_id, 'bench', 'tenant.provisioned', 'tenant', pg_temp.bench_id('tenant', n),
    pg_temp.bench_id('request', n), s.payload || jsonb_build_object('slug', b.slug)
FROM batch b, sample s;
COMMIT;
