// Latency of what a tenant's program reads with the secret key of its tenant.

import { createTenant } from './created_tenant.mjs';
import { runAlternately, runLoad } from './http_load.mjs';
import { ms } from './statistics.mjs';

const CLIENTS = 16;
const MAX_P99_MS = 10;
const PATHS = ['/api/v1/tenant', '/api/v1/settings', '/api/v1/packages', '/api/v1/packages/basic-package'];

export async function measureTenantReads(bench, report, size) {
  const { secretKey } = await createTenant(bench);
  const program = { port: bench.port, token: secretKey };
  const loads = PATHS.map(
    (path) => (seconds) => runLoad(program, CLIENTS, seconds, 200, (connection) => connection.get(path)),
  );
  for (const [index, { rate, p50, p99 }] of (await runAlternately(loads, size)).entries()) {
    const subject = `GET ${PATHS[index]} by secret key, ${CLIENTS} clients`;
    report.add(subject, `${rate.toFixed(0)} per second, p50 ${ms(p50)}`);
    report.add(`${subject}, p99`, ms(p99), { goal: ms(MAX_P99_MS), met: p99 <= MAX_P99_MS });
  }
}
