// Runs every measurement against a temporary installation and prints the report. With `--tenants`, only compares an
// installation that has that number of tenants with a small one.

import { parseArgs } from 'node:util';

import { compareAuditChain } from './audit_chain.mjs';
import { measureDownload } from './download.mjs';
import { Installation } from './installation.mjs';
import { compareMailServers } from './mail.mjs';
import { measurePipeline } from './pipeline.mjs';
import { measureProvisioning } from './provisioning.mjs';
import { compareQueuedJobs } from './queued_jobs.mjs';
import { Report } from './report.mjs';
import { measureScale } from './scale.mjs';
import { measureMemory, measureStartUp } from './server_footprint.mjs';

const { quick, tenants } = parseArgs({
  options: { quick: { type: 'boolean' }, tenants: { type: 'string' } },
}).values;
const size = quick
  ? { clients: [1, 16], rounds: 2, seconds: 2, few: 10_000, many: 100_000, pages: 15 }
  : { clients: [1, 8, 16], rounds: 3, seconds: 8, few: 10_000, many: 1_000_000, pages: 30 };
const pipelineSize = quick
  ? { workers: [1, 4], rounds: 1, jobs: 200, pickUps: 50, kills: 1, copyRounds: 1 }
  : { workers: [1, 2, 4, 8], rounds: 3, jobs: 600, pickUps: 200, kills: 5, copyRounds: 7 };

async function measureEverything(installation, report) {
  await measureStartUp(installation, report, quick ? 1 : 3);
  await measureMemory(installation, report, 'fresh');
  const bench = installation.prepare();
  await measureDownload(bench, report);
  await measurePipeline(bench, report, pipelineSize);
  await measureProvisioning(bench, report, size);
  await compareQueuedJobs(bench, report, size);
  await compareMailServers(report, size);
  await compareAuditChain(report, size);
  await measureScale(bench, report, size);
  await measureMemory(installation, report, 'after the whole run', 0);
}

async function measureOnlyScale(installation, report) {
  const many = Number(tenants);
  if (!Number.isInteger(many) || many < size.few) throw new Error(`--tenants: at least ${size.few}`);
  await installation.start();
  await measureScale(installation.prepare(), report, { ...size, many });
}

const report = new Report(quick);
Installation.removeAllOnSignals();
try {
  // The delivery of the invitations would take processor time from the measurements.
  const installation = new Installation({ TENANTRY_MAIL_WORKERS: '0' });
  await (tenants ? measureOnlyScale : measureEverything)(installation, report);
} finally {
  await Installation.removeAll();
}
console.log(report.toString());
