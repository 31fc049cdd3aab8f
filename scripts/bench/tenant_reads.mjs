// Latency of what a tenant's program reads with the secret key of its tenant.

import { randomUUID } from 'node:crypto';

import { runAlternately, runLoad } from './http_load.mjs';
import { ms } from './statistics.mjs';

const CLIENTS = 16;
const MAX_P99_MS = 10;
const PATHS = ['/api/v1/tenant', '/api/v1/settings', '/api/v1/packages', '/api/v1/packages/basic-package'];

export async function measureTenantReads(bench, report, size) {
  const program = { port: bench.port, token: await secretKey(bench) };
  const loads = PATHS.map(
    (path) => (seconds) => runLoad(program, CLIENTS, seconds, 200, (connection) => connection.get(path)),
  );
  for (const [index, { rate, p50, p99 }] of (await runAlternately(loads, size)).entries()) {
    const subject = `GET ${PATHS[index]} by secret key, ${CLIENTS} clients`;
    report.add(subject, `${rate.toFixed(0)} per second, p50 ${ms(p50)}`);
    report.add(`${subject}, p99`, ms(p99), { goal: ms(MAX_P99_MS), met: p99 <= MAX_P99_MS });
  }
}

/** Creates a tenant with an owner, which is active, and returns its secret key. */
async function secretKey({ port, token }) {
  const slug = `reads-${randomUUID().slice(0, 8)}`;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/admin/tenants`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify({ slug, name: slug, owner: { name: 'Olive', email: `${slug}@bench.example` } }),
  });
  if (response.status !== 201) throw new Error(`status ${response.status}: ${await response.text()}`);
  return (await response.json()).secretKey;
}
