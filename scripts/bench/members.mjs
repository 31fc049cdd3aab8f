// Latency of the search for members of a tenant, as its owner sends it from the portal, in an installation with many
// accounts.

import { createTenant } from './created_tenant.mjs';
import { measurePage } from './lists.mjs';

const PASSWORD = 'copper lantern walks the harbour';
/** The numbers of members of the measured tenants. */
const MEMBERS = [10, 10_000, 100_000];

export async function measureMembers(bench, report, { pages: times }) {
  const accounts = Number(bench.sql('SELECT count(*) FROM users')).toLocaleString('en');
  for (const count of MEMBERS) {
    const { slug, owner } = await createTenant(bench);
    const cookie = await acceptInvitation(bench, owner.invitationUrl);
    addMembers(bench.sql, slug, count);
    const member = JSON.parse(
      bench.sql(`SELECT jsonb_build_object('name', u.name, 'email', u.email) FROM memberships m
        JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id
        WHERE t.slug = '${slug}' AND m.role = 'member' ORDER BY u.id LIMIT 1`),
    );
    const subject = `members, ${count.toLocaleString('en')} in the tenant, ${accounts} accounts`;
    for (const [description, q, atLeast] of [
      ['complete name', member.name, 1],
      ['complete address', member.email, 1],
      ['start of every name', 'owner', Math.min(count, 50)],
      ['start of an address, 1 in 10 accounts', 'golden', 0],
      ['nothing found', 'zzz-unknown', 0],
    ]) {
      const load = () => search(bench, cookie, slug, q);
      await measurePage(report, `${subject}: ${description}`, load, atLeast, times);
    }
  }
}

/** Makes accounts that exist members of the tenant. */
function addMembers(sql, slug, count) {
  sql(`INSERT INTO memberships (tenant_id, user_id, role, joined_at)
    SELECT t.id, u.id, 'member', now() FROM tenants t, (SELECT id FROM users WHERE name LIKE 'Owner %' LIMIT ${count}) u
    WHERE t.slug = '${slug}'`);
  sql('VACUUM ANALYZE memberships');
}

/** Sets the owner's password, and returns the cookie of the session. */
async function acceptInvitation({ port }, invitationUrl) {
  const response = await fetch(invitationUrl, {
    method: 'POST',
    headers: { Origin: `http://127.0.0.1:${port}`, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ password: PASSWORD }),
    redirect: 'manual',
  });
  if (response.status !== 303) throw new Error(`status ${response.status}: ${await response.text()}`);
  return response.headers.get('set-cookie').split(';')[0];
}

/** Returns the number of members that the search has found. */
async function search({ port }, cookie, slug, q) {
  const response = await fetch(`http://127.0.0.1:${port}/api/fn/open_portal_members`, {
    method: 'POST',
    headers: { Origin: `http://127.0.0.1:${port}`, 'Content-Type': 'application/json', Cookie: cookie },
    body: JSON.stringify({ tenant: slug, filter: { q, after: '' } }),
  });
  if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`);
  return (await response.json()).content.members.length;
}
