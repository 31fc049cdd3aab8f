// Latency of the registry's pages and searches over all tenants that the benchmark inserted.

import { slugOf } from './fill.mjs';
import { measureList } from './lists.mjs';

const PATH = '/api/v1/admin/tenants';

/** The pages, as in `measureList`. */
function pages({ sql }, tenants) {
  const middle = row(sql, Math.floor(tenants / 2));
  const slug = slugOf(Math.floor(tenants / 3) * 2 + 1);
  const byName = { sort: 'name', after: `name.${middle.name}.${middle.id}` };
  return [
    ['first page', {}, 50],
    ['middle page', { after: `${middle.created}.${middle.id}` }, 50],
    ['by name', { sort: 'name' }, 50],
    ['by name, middle page', byName, 50],
    ['by status', { sort: 'status' }, 50],
    ['by status, middle page', { sort: 'status', after: `active.${middle.created}.${middle.id}` }, 50],
    ['status suspended', { status: 'suspended' }, 50],
    ['status without matches', { status: 'deleted' }, 0],
    ['plan pro, by name', { plan: 'pro', sort: 'name' }, 50],
    ['plan without matches', { plan: 'unknown' }, 0],
    ['search: slug', { q: slug }, 1],
    ['search: start of a slug, 1 in 10 found', { q: 'golden' }, 50],
    ['search: start of a slug, by name', { q: 'golden', sort: 'name' }, 50],
    ['search: start of a slug, suspended', { q: 'golden', status: 'suspended' }, 0],
    ['search: start of a name', { q: `Bench ${slug}` }, 1],
    ['search: start of every name, by name, middle page', { ...byName, q: 'Bench' }, 50],
    ['search: e-mail of the owner', { q: `${slug}@bench.example` }, 1],
    ['search: e-mail of a member', { q: memberAddress(sql, slug) }, 1],
    ['search: tenant code', { q: sql(`SELECT code FROM tenants WHERE slug = '${slug}'`) }, 1],
    ['search: nothing found', { q: 'zzz-unknown' }, 0],
  ];
}

/** Adds a member to a tenant, and returns the address. */
function memberAddress(sql, slug) {
  const email = `member-of-${slug}@bench.example`;
  sql(`WITH member AS (
      INSERT INTO users (id, email, email_canonical, name, created_by_request)
      SELECT gen_random_uuid(), '${email}', '${email}', 'Member', request_id FROM tenants WHERE slug = '${slug}'
      RETURNING id)
    INSERT INTO memberships (tenant_id, user_id, role)
    SELECT t.id, member.id, 'member' FROM member, tenants t WHERE slug = '${slug}'`);
  return email;
}

/** Returns the sort keys of the tenant at a position in the order of creation, newest first. */
function row(sql, position) {
  return JSON.parse(
    sql(`SELECT jsonb_build_object('created', (extract(epoch FROM created_at) * 1000000)::bigint,
      'name', lower(name), 'id', replace(id::text, '-', ''))
    FROM tenants ORDER BY created_at DESC, id DESC OFFSET ${position} LIMIT 1`),
  );
}

export async function measureRegistry(bench, report, { many, pages: times }) {
  const subject = `registry of ${many.toLocaleString('en')} tenants`;
  await measureList(
    bench,
    report,
    { subject, path: PATH, field: 'tenants', pages: pages(bench, many) },
    times,
  );
}
