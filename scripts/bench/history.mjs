// Latency of history pages and of searches over all requests that the benchmark inserted.

import { slugOf } from './fill.mjs';
import { measureList } from './lists.mjs';

const PATH = '/api/v1/admin/provisioning-requests';

/** The pages, as in `measureList`. */
function pages({ sql }, tenants) {
  const admin = (name) => sql(`SELECT id FROM employees WHERE name = '${name}'`);
  const [middle, last] = [0.5, 0.99].map((share) => cursor(sql, tenants, share));
  const slug = slugOf(Math.floor(tenants / 3) * 2 + 1);
  return [
    ['first page', {}, 50],
    ['middle page', { after: middle }, 50],
    ['last page', { after: last }, 50],
    ['status completed', { status: 'completed' }, 50],
    ['status failed, middle page', { status: 'failed', after: middle }, 50],
    ['status without matches', { status: 'rolled_back' }, 0],
    ['code, frequent', { code: 'DUPLICATE_SLUG' }, 50],
    ['code, rare', { code: 'LOCK_TIMEOUT' }, 1],
    ['code without matches', { code: 'DEADLOCK' }, 0],
    ['admin, busy', { admin: admin('Bench admin 1') }, 50],
    ['admin, rare', { admin: admin('Bench admin 20') }, 1],
    ['rare admin and status failed', { admin: admin('Bench admin 20'), status: 'failed' }, 1],
    ['busy admin and rare code', { admin: admin('Bench admin 1'), code: 'LOCK_TIMEOUT' }, 0],
    ['last 7 days', { days: '7' }, 0],
    ['search: slug', { q: slug }, 1],
    ['search: start of a slug, 1 in 200 found', { q: slug.replace(/(-\d)\d+$/, '$1') }, 50],
    ['search: start of a slug, 1 in 10 found', { q: 'golden' }, 50],
    ['search: start of a slug, 1 in 10 found, middle page', { q: 'golden', after: middle }, 50],
    ['search: one letter', { q: 'g' }, 50],
    ['search: start of a slug and status failed', { q: 'golden', status: 'failed' }, 0],
    ['search: start of a name', { q: `Bench ${slug}` }, 1],
    ['search: start of every name', { q: 'Bench' }, 50],
    ['search: e-mail', { q: `${slug}@bench.example` }, 1],
    [
      'search: tenant code',
      { q: sql(`SELECT tenant_code FROM provisioning_requests WHERE slug = '${slug}' LIMIT 1`) },
      1,
    ],
    [
      'search: idempotency key',
      { q: sql(`SELECT idempotency_key FROM provisioning_requests WHERE slug = '${slug}' LIMIT 1`) },
      1,
    ],
    ['search: nothing found', { q: 'zzz-unknown' }, 0],
  ];
}

/** Returns the cursor of the page that starts after `share` (0 to 1) of all rows. */
function cursor(sql, tenants, share) {
  return sql(`SELECT (extract(epoch FROM created_at) * 1000000)::bigint || '.' || replace(id::text, '-', '')
    FROM provisioning_requests ORDER BY created_at DESC, id DESC OFFSET ${Math.floor(tenants * share)} LIMIT 1`);
}

export async function measureHistory(bench, report, { many, pages: times }) {
  const requests = Number(bench.sql('SELECT count(*) FROM provisioning_requests'));
  const subject = `history of ${requests.toLocaleString('en')}`;
  await measureList(
    bench,
    report,
    { subject, path: PATH, field: 'requests', pages: pages(bench, many) },
    times,
  );
}
