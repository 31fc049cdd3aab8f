// Latency of the audit log's pages and searches over all entries that the benchmark inserted, and the time that the
// chain takes for them.

import { slugOf } from './fill.mjs';
import { measureList } from './lists.mjs';

const PATH = '/api/v1/admin/audit';
/** How long to wait until every entry is in the chain. */
const CHAIN_TIMEOUT_S = 600;

/** The pages, as in `measureList`. */
function pages({ sql }, tenants) {
  const actor = (name) => sql(`SELECT id FROM employees WHERE name = '${name}'`);
  const middle = cursor(sql, Math.floor(tenants / 2));
  const slug = slugOf(Math.floor(tenants / 3) * 2 + 1);
  const entry = sql('SELECT max(id) / 2 FROM audit_log');
  return [
    ['first page', {}, 50],
    ['middle page', { after: middle }, 50],
    ['person, busy', { actor: actor('Bench admin 1') }, 50],
    ['person, rare', { actor: actor('Bench admin 20') }, 1],
    ['person without entries', { actor: '00000000-0000-7000-8000-000000000000' }, 0],
    ['area, frequent, middle page', { area: 'tenants', after: middle }, 50],
    ['area without entries', { area: 'catalog' }, 0],
    ['action, frequent, middle page', { action: 'tenant.provisioned', after: middle }, 50],
    ['action without entries', { action: 'package.deleted' }, 0],
    ['first days', { to: '2020-01-01' }, 0],
    ['rare person and area without entries', { actor: actor('Bench admin 20'), area: 'keys' }, 0],
    ['search: slug', { q: slug }, 1],
    ['search: start of a slug, 1 in 10 found', { q: 'golden' }, 20],
    ['search: one letter', { q: 'g' }, 20],
    ['search: name of a person', { q: 'Bench admin 1' }, 50],
    ['search: e-mail of an owner', { q: `${slug}@bench.example` }, 1],
    ['search: tenant code', { q: sql(`SELECT code FROM tenants WHERE slug = '${slug}'`) }, 1],
    ['search: request ID', { q: sql(`SELECT request_id FROM tenants WHERE slug = '${slug}'`) }, 1],
    ['search: entry ID', { q: `#${entry}` }, 1],
    ['search: nothing found', { q: 'zzz-unknown' }, 0],
  ];
}

/** Returns the cursor of the page that starts after `position` entries. */
function cursor(sql, position) {
  return sql(`SELECT (extract(epoch FROM at) * 1000000)::bigint || '.' || id
    FROM audit_log ORDER BY at DESC, id DESC OFFSET ${position} LIMIT 1`);
}

export async function measureAudit(bench, report, { many, pages: times }) {
  const entries = Number(bench.sql('SELECT count(*) FROM audit_log'));
  const subject = `audit log of ${entries.toLocaleString('en')}`;
  await waitForChain(bench.sql);
  await measureList(
    bench,
    report,
    { subject, path: PATH, field: 'entries', pages: pages(bench, many) },
    times,
  );
  const began = performance.now();
  bench.installation.tenantry('audit', 'verify');
  const seconds = (performance.now() - began) / 1000;
  report.add(`\`tenantry audit verify\`, ${entries.toLocaleString('en')} entries`, `${seconds.toFixed(1)} s`);
}

/** Waits until the server has appended every entry to the chain. */
async function waitForChain(sql) {
  const missing = () =>
    Number(sql('SELECT (SELECT count(*) FROM audit_log) - (SELECT count(*) FROM audit_chain)'));
  const deadline = performance.now() + CHAIN_TIMEOUT_S * 1000;
  while (missing() > 0) {
    if (performance.now() > deadline) throw new Error(`${missing()} entries are not in the chain`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
