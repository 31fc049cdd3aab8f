// Creates tenants over HTTP in a transaction that is written by hand for Node: 21 rows by named statements. Does not
// authenticate the caller, records no attempt, and does not check that the tenant is complete. A repeated call fails,
// whereas Tenantry returns the same tenant. Prints the port that it listens on.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { load } from './harness.mjs';

const { Pool } = load('pg');

const STEPS = ['copy', 'odoo18', 'admin', 'company', 'odoo19', 'bridge', 'finalize'];
const PACKAGES = ['basic-package', 'standard-package', 'premium-package'];
const MAX_CONNECTIONS = 8;
/** The session settings of the engine's connections. */
const SESSION = '-c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=10s';

const SCHEMA = `
  CREATE SEQUENCE codes;
  CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL);
  CREATE TABLE tenants (
    id uuid PRIMARY KEY, code bigint NOT NULL UNIQUE DEFAULT nextval('codes'), slug text NOT NULL UNIQUE,
    name text NOT NULL, status text NOT NULL, owner_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE memberships (
    tenant_id uuid NOT NULL REFERENCES tenants, user_id uuid NOT NULL REFERENCES users, role text NOT NULL,
    PRIMARY KEY (tenant_id, user_id));
  CREATE TABLE invitations (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, user_id uuid NOT NULL REFERENCES users,
    token_hash bytea NOT NULL UNIQUE, expires_at timestamptz NOT NULL);
  CREATE TABLE keys (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, public_key text NOT NULL UNIQUE,
    secret_hash bytea NOT NULL UNIQUE);
  CREATE TABLE settings (tenant_id uuid PRIMARY KEY REFERENCES tenants, settings jsonb NOT NULL);
  CREATE TABLE branding (tenant_id uuid PRIMARY KEY REFERENCES tenants, theme text NOT NULL);
  CREATE TABLE segments (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, slug text NOT NULL, name text NOT NULL,
    UNIQUE (tenant_id, slug));
  CREATE TABLE packages (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, segment_id uuid NOT NULL REFERENCES segments,
    slug text NOT NULL, base_price bigint NOT NULL, UNIQUE (tenant_id, slug));
  CREATE TABLE requests (
    idempotency_key uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id uuid NOT NULL, action text NOT NULL,
    at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE jobs (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, state text NOT NULL);
  CREATE TABLE job_steps (
    job_id uuid NOT NULL REFERENCES jobs, step text NOT NULL, state text NOT NULL, PRIMARY KEY (job_id, step));`;

const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  options: SESSION,
  max: MAX_CONNECTIONS,
  idleTimeoutMillis: 0,
});
await pool.query(SCHEMA);

const sha256 = (value) => createHash('sha256').update(value).digest();

/** The rows of a new tenant, as pairs of a statement and its values. */
function rows({ slug, name, owner }, key, secret) {
  const [user, tenant, segment, job] = Array.from({ length: 4 }, () => randomUUID());
  return [
    ['INSERT INTO users VALUES ($1, $2, $3)', [user, owner.email, owner.name]],
    [
      `INSERT INTO tenants (id, slug, name, status, owner_id) VALUES ($1, $2, $3, 'active', $4)`,
      [tenant, slug, name, user],
    ],
    [`INSERT INTO memberships VALUES ($1, $2, 'owner')`, [tenant, user]],
    [
      `INSERT INTO invitations VALUES ($1, $2, $3, $4, now() + interval '7 days')`,
      [randomUUID(), tenant, user, sha256(randomBytes(20))],
    ],
    ['INSERT INTO keys VALUES ($1, $2, $3, $4)', [randomUUID(), tenant, `pk_live_${slug}`, sha256(secret)]],
    [`INSERT INTO settings VALUES ($1, jsonb_build_object('company_name', $2::text))`, [tenant, name]],
    [`INSERT INTO branding VALUES ($1, 'default')`, [tenant]],
    [`INSERT INTO segments VALUES ($1, $2, 'general', 'General')`, [segment, tenant]],
    [
      'INSERT INTO packages SELECT id, $1, $2, slug, 0 FROM unnest($3::uuid[], $4::text[]) AS package (id, slug)',
      [tenant, segment, PACKAGES.map(() => randomUUID()), PACKAGES],
    ],
    [
      'INSERT INTO requests (idempotency_key, tenant_id, payload) VALUES ($1, $2, $3)',
      [key, tenant, JSON.stringify({ slug, name, owner })],
    ],
    [`INSERT INTO audit (tenant_id, action) VALUES ($1, 'tenant.created')`, [tenant]],
    [`INSERT INTO jobs VALUES ($1, $2, 'succeeded')`, [job, tenant]],
    [`INSERT INTO job_steps SELECT $1, step, 'skipped' FROM unnest($2::text[]) AS step`, [job, STEPS]],
  ];
}

async function provision(draft, key) {
  const secret = `sk_live_${draft.slug}_${randomBytes(20).toString('hex')}`;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const [index, [text, values]] of rows(draft, key, secret).entries())
      await client.query({ name: `row-${index}`, text, values });
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  return { slug: draft.slug, secretKey: secret };
}

const server = createServer(async (request, response) => {
  const respond = (status, body) => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    });
    response.end(text);
  };
  try {
    const chunks = await request.toArray();
    const draft = JSON.parse(Buffer.concat(chunks));
    respond(201, await provision(draft, request.headers['idempotency-key']));
  } catch (error) {
    respond(500, { error: String(error) });
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
