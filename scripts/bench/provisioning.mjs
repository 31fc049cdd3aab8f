// Compares provisioning over HTTP with pgbench, which calls provision_tenant_atomic directly. The runs
// alternate.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ms, summary } from './statistics.mjs';
import { Pgbench } from './pgbench.mjs';
import { processorTime } from './processes.mjs';

const { PROVISIONING_LOAD } = process.env;
const run = promisify(execFile);

const MIN_RATIO = 0.85;
/** The latencies are in milliseconds. */
const GOAL = { clients: 16, p50: 20, p99: 60 };

/**
 * Provisions tenants from `clients` connections for `seconds`, by a compiled program: like pgbench, it leaves the
 * processors to the server. A status other than `expected` aborts the run.
 */
export async function runProvisioningLoad({ port, token }, clients, seconds, expected = 201) {
  const { stdout } = await run(PROVISIONING_LOAD, [port, clients, seconds, expected].map(String), {
    env: { TENANTRY_TOKEN: token },
    maxBuffer: Infinity,
  });
  return JSON.parse(stdout);
}

export async function measureProvisioning(bench, report, { clients, rounds, seconds }) {
  await warmUp(bench);
  const pgbench = new Pgbench(bench);
  try {
    for (const count of clients) {
      const [http, direct] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        http.push(await withProcessorTime(bench, () => runProvisioningLoad(bench, count, seconds)));
        direct.push(await withProcessorTime(bench, () => pgbench.run(count, seconds)));
      }
      reportRun(report, count, summary(http), summary(direct));
      reportProcessorTime(report, count, http, direct);
    }
  } finally {
    pgbench.remove();
  }
}

/** Runs `measure`, and adds the processor seconds of the server and the database to its result. */
async function withProcessorTime({ installation }, measure) {
  const { pid } = installation.server;
  const before = processorTime(installation, pid);
  const run = await measure();
  const after = processorTime(installation, pid);
  return { ...run, server: after.process - before.process, database: after.database - before.database };
}

/**
 * Opens the pool's connections, and creates the requests that the pgbench script and the bulk insert copy. Sessions
 * keep the plans that they made for empty tables until the tables are analysed, which autovacuum does after a minute.
 */
export async function warmUp(bench, expected = 201) {
  await runProvisioningLoad(bench, 16, 1, expected);
  bench.sql('ANALYZE');
}

/** Processor time per provisioning. Unlike the rate, this time depends little on other load. */
function reportProcessorTime(report, count, http, direct) {
  const each = (runs, part) => {
    const seconds = runs.reduce((sum, run) => sum + run[part], 0);
    return ms((1000 * seconds) / runs.reduce((sum, run) => sum + run.latencies.length, 0));
  };
  const parts = `server ${each(http, 'server')} + PostgreSQL ${each(http, 'database')}; by pgbench PostgreSQL ${each(direct, 'database')}`;
  report.add(`processor time per provisioning, ${clientsText(count)}`, parts);
}

export const clientsText = (count) => (count === 1 ? '1 client' : `${count} clients`);

function reportRun(report, count, http, direct) {
  const clients = clientsText(count);
  const ratio = http.rate / direct.rate;
  const hasGoals = count === GOAL.clients;
  report.add(`provisioning over HTTP, ${clients}`, `${http.rate.toFixed(0)} per second`);
  report.add(
    `the same function by pgbench, ${clients}`,
    `${direct.rate.toFixed(0)} per second, p50 ${ms(direct.p50)}, p99 ${ms(direct.p99)}`,
  );
  report.add(`HTTP / pgbench, ${clients}`, ratio.toFixed(2), {
    goal: `≥ ${MIN_RATIO}`,
    met: ratio >= MIN_RATIO,
  });
  report.add(
    `provisioning over HTTP, ${clients}, p50`,
    ms(http.p50),
    hasGoals ? { goal: ms(GOAL.p50), met: http.p50 <= GOAL.p50 } : {},
  );
  report.add(
    `provisioning over HTTP, ${clients}, p99`,
    ms(http.p99),
    hasGoals ? { goal: ms(GOAL.p99), met: http.p99 <= GOAL.p99 } : {},
  );
}
