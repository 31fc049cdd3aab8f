-- Inserts :days days of :per_day requests, the last one an hour ago. Of 100 requests, 10 failed, 1 was rolled back, and
-- 89 created a tenant whose seven steps succeeded at the first attempt. The newest completed request is the template.
-- docs/PERFORMANCE.md, "A year's load", has the command.
SET statement_timeout = 0;
SET search_path = tenantry;

CREATE TEMP TABLE sample AS
SELECT r.employee_id, r.payload, r.response, r.fingerprint, a.stages
FROM provisioning_requests r JOIN provisioning_attempts a ON a.request_id = r.id
WHERE r.status = 'completed' ORDER BY r.created_at DESC LIMIT 1;
CREATE TEMP TABLE request (
    id uuid, tenant_id uuid, owner_id uuid, job_id uuid, slug text, code text, at timestamptz, status text);

CREATE FUNCTION pg_temp.fill_day(p_day integer, p_days integer, p_count integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE request;
    INSERT INTO request
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
        'year-' || n, 'TEN-' || 60000000 + n,
        now() - interval '1 hour' - (p_days - p_day) * interval '1 day' - (p_count - i) * interval '1 day' / p_count,
        CASE WHEN n % 10 = 0 THEN 'failed' WHEN n % 100 = 1 THEN 'rolled_back' ELSE 'completed' END
    FROM generate_series(1, p_count) i, LATERAL (SELECT p_day * p_count + i AS n) number;

    INSERT INTO provisioning_requests (id, employee_id, idempotency_key, fingerprint, status, payload, response, code,
        problem, slug, name, owner_email, tenant_id, tenant_code, created_at, finished_at, elapsed_ms)
    SELECT r.id, s.employee_id, gen_random_uuid(), s.fingerprint, r.status, s.payload,
        CASE WHEN r.status <> 'failed' THEN s.response END,
        CASE r.status WHEN 'failed' THEN 'EMAIL_UNAVAILABLE' END,
        CASE r.status WHEN 'failed' THEN '{"code": "EMAIL_UNAVAILABLE"}'::jsonb
            WHEN 'rolled_back' THEN '{"reason": "The customer changed their mind."}' END,
        r.slug, 'Company ' || r.slug, 'owner@' || r.slug || '.example',
        CASE WHEN r.status <> 'failed' THEN r.tenant_id END, CASE WHEN r.status <> 'failed' THEN r.code END,
        r.at, r.at + interval '5 ms', 5
    FROM request r, sample s;
    INSERT INTO provisioning_attempts (request_id, number, status, code, message, stages, started_at, finished_at)
    SELECT r.id, 1, CASE r.status WHEN 'failed' THEN 'failed' ELSE 'completed' END,
        CASE r.status WHEN 'failed' THEN 'EMAIL_UNAVAILABLE' END,
        CASE r.status WHEN 'failed' THEN 'TN003: the e-mail is in use' END, s.stages, r.at, r.at + interval '5 ms'
    FROM request r, sample s;

    INSERT INTO users (id, email, email_canonical, name, created_by_request, created_at)
    SELECT owner_id, 'owner@' || slug || '.example', 'owner@' || slug || '.example', 'Owner', id, at
    FROM request WHERE status = 'completed';
    INSERT INTO tenants (id, code, slug, name, status, plan, blueprint, commission_basis_points, owner_id, created_by,
        request_id, created_at, activated_at)
    SELECT r.tenant_id, r.code, r.slug, 'Company ' || r.slug, 'active', 'lite', 'standard', 0, r.owner_id,
        s.employee_id, r.id, r.at, r.at
    FROM request r, sample s WHERE r.status = 'completed';

    INSERT INTO jobs (id, kind, request_id, tenant_id, creates_tenant, state, created_at, finished_at, due_at)
    SELECT job_id, 'provisioning', id, CASE status WHEN 'completed' THEN tenant_id END, true,
        CASE status WHEN 'completed' THEN 'succeeded' ELSE 'compensated' END, at, at + interval '10 s', at
    FROM request WHERE status <> 'failed';
    INSERT INTO job_steps (job_id, position, name, state, attempt, external_reference, started_at, finished_at,
        connector)
    SELECT job_id, step, 'STEP_' || step, CASE status WHEN 'completed' THEN 'succeeded' ELSE 'compensated' END, 1,
        'record 4711', at, at + interval '1 s', 'odoo19'
    FROM request, generate_series(1, 7) step WHERE status <> 'failed';
    INSERT INTO step_attempts (job_id, position, number, worker, started_at, finished_at, outcome)
    SELECT job_id, step, 1, '4711-0123456789abcdef0123456789abcdef', at, at + interval '1 s', 'succeeded'
    FROM request, generate_series(1, 7) step WHERE status <> 'failed';
END $$;

SELECT format('SELECT pg_temp.fill_day(%s, %s, %s)', day, :days, :per_day) FROM generate_series(1, :days) day \gexec
VACUUM ANALYZE;
