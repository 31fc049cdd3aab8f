// Runs every measurement against a temporary installation and prints the report. With `--tenants`, only compares an
// installation that has that number of tenants with a small one.

import { parseArgs } from 'node:util';

import { download } from './download.mjs';
import { Installation } from './installation.mjs';
import { pipeline } from './pipeline.mjs';
import { provisioning } from './provisioning.mjs';
import { queuedJobs } from './queued_jobs.mjs';
import { Report } from './report.mjs';
import { scale } from './scale.mjs';
import { serverMemory, startUp } from './server_footprint.mjs';

const { quick, tenants } = parseArgs({
  options: { quick: { type: 'boolean' }, tenants: { type: 'string' } },
}).values;
const size = quick
  ? { clients: [1, 16], rounds: 2, seconds: 2, few: 10_000, many: 100_000, pages: 15 }
  : { clients: [1, 8, 16], rounds: 3, seconds: 8, few: 10_000, many: 1_000_000, pages: 30 };
const pipelineSize = quick
  ? { workers: [1, 4], rounds: 1, jobs: 200, pickUps: 50, kills: 1, copyRounds: 1 }
  : { workers: [1, 2, 4, 8], rounds: 3, jobs: 600, pickUps: 200, kills: 5, copyRounds: 7 };

async function everything(installation, report) {
  await startUp(installation, report, quick ? 1 : 3);
  await serverMemory(installation, report, 'fresh');
  const bench = installation.prepare();
  await download(bench, report);
  await pipeline(bench, report, pipelineSize);
  await provisioning(bench, report, size);
  await queuedJobs(bench, report, size);
  await scale(bench, report, size);
  await serverMemory(installation, report, 'after the whole run', 0);
}

async function onlyScale(installation, report) {
  const many = Number(tenants);
  if (!Number.isInteger(many) || many < size.few) throw new Error(`--tenants: at least ${size.few}`);
  await installation.start();
  await scale(installation.prepare(), report, { ...size, many });
}

const report = new Report(quick);
Installation.removeAllOnSignals();
try {
  await (tenants ? onlyScale : everything)(new Installation(), report);
} finally {
  await Installation.removeAll();
}
console.log(report.toString());
