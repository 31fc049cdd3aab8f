// Compares an installation that has many tenants with a small one. Then measures `tenantry verify`, the lists and the
// reads of a tenant in the large installation.

import { measureAudit } from './audit.mjs';
import { fill, slugOf } from './fill.mjs';
import { measureHistory } from './history.mjs';
import { runAlternately, runLoad } from './http_load.mjs';
import { Installation } from './installation.mjs';
import { measureMembers } from './members.mjs';
import { runProvisioningLoad, warmUp } from './provisioning.mjs';
import { measureRegistry } from './registry.mjs';
import { ms } from './statistics.mjs';
import { measureTenantReads } from './tenant_reads.mjs';

const CLIENTS = 16;
/** `p99` is in milliseconds. */
const GOAL = { p99: 10, p99Ratio: 1.3, verifySeconds: 30, verifyTenants: 1_000_000 };

/** Fills `large` with `size.many` tenants, and a second installation with `size.few`. */
export async function measureScale(large, report, size) {
  const installation = new Installation();
  await installation.start();
  const small = installation.prepare();
  const counts = [size.few, size.many];
  for (const [index, bench] of [small, large].entries()) {
    await warmUp(bench);
    fill(bench, counts[index]);
  }
  await compareSlugChecks(report, [small, large], counts, size);
  await compareProvisioning(report, [small, large], counts, size);
  await installation.remove();
  measureVerify(large, report, size.many);
  await measureHistory(large, report, size);
  await measureRegistry(large, report, size);
  await measureMembers(large, report, size);
  await measureAudit(large, report, size);
  await measureTenantReads(large, report, size);
}

/** Half of the slugs are taken and get suggestions. */
async function compareSlugChecks(report, benches, counts, size) {
  const check = (tenants) => (connection) => {
    const number = 1 + Math.floor(Math.random() * tenants);
    const slug = number % 2 ? slugOf(number) : `free-${number}`;
    return connection.get(`/api/v1/admin/availability/slug?slug=${slug}`);
  };
  const runs = await runAlternately(
    benches.map((bench, index) => (seconds) => runLoad(bench, CLIENTS, seconds, 200, check(counts[index]))),
    size,
  );
  for (const [index, { rate, p50, p99 }] of runs.entries()) {
    const subject = `slug checks, ${CLIENTS} clients, ${tenantsText(counts[index])}`;
    report.add(subject, `${rate.toFixed(0)} per second, p50 ${ms(p50)}`);
    report.add(`${subject}, p99`, ms(p99), { goal: ms(GOAL.p99), met: p99 <= GOAL.p99 });
  }
  const ratio = runs[1].p99 / runs[0].p99;
  report.add('slug checks, p99 with many tenants / with few tenants', ratio.toFixed(2), {
    goal: `≤ ${GOAL.p99Ratio}`,
    met: ratio <= GOAL.p99Ratio,
  });
}

async function compareProvisioning(report, benches, counts, size) {
  const runs = await runAlternately(
    benches.map((bench) => (seconds) => runProvisioningLoad(bench, CLIENTS, seconds)),
    size,
  );
  for (const [index, { rate, p50, p99 }] of runs.entries()) {
    report.add(
      `provisioning over HTTP, ${CLIENTS} clients, ${tenantsText(counts[index])}`,
      `${rate.toFixed(0)} per second, p50 ${ms(p50)}, p99 ${ms(p99)}`,
    );
  }
  const ratio = runs[1].rate / runs[0].rate;
  report.add('provisioning, rate with many tenants / with few tenants', ratio.toFixed(2));
}

/** Fails if `tenantry verify` finds a violation. */
function measureVerify({ installation }, report, tenants) {
  const began = performance.now();
  installation.tenantry('verify');
  const seconds = (performance.now() - began) / 1000;
  const { verifySeconds, verifyTenants } = GOAL;
  const goal = { goal: `${verifySeconds} s at ${tenantsText(verifyTenants)}`, met: seconds <= verifySeconds };
  report.add(
    `\`tenantry verify\`, ${tenantsText(tenants)}`,
    `${seconds.toFixed(1)} s`,
    tenants === verifyTenants ? goal : {},
  );
}

const tenantsText = (count) => `${count.toLocaleString('en')} tenants`;
