// Runs every measurement against one temporary installation and prints the report.

import { availability } from './availability.mjs';
import { download } from './download.mjs';
import { fill } from './fill.mjs';
import { history } from './history.mjs';
import { Installation } from './installation.mjs';
import { pipeline } from './pipeline.mjs';
import { provisioning } from './provisioning.mjs';
import { serverMemory, startUp } from './server_footprint.mjs';
import { Report } from './report.mjs';

const quick = process.argv.includes('--quick');
const size = quick
  ? { clients: [1, 16], rounds: 2, seconds: 2, few: 10_000, many: 100_000, pages: 15 }
  : { clients: [1, 8, 16], rounds: 3, seconds: 8, few: 10_000, many: 1_000_000, pages: 30 };
const pipelineSize = quick
  ? { workers: [1, 4], rounds: 1, jobs: 200, pickUps: 50, kills: 1, copyRounds: 1 }
  : { workers: [1, 2, 4, 8], rounds: 3, jobs: 600, pickUps: 200, kills: 5, copyRounds: 7 };

const installation = new Installation();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => installation.remove().finally(() => process.exit(1)));

const report = new Report(quick);
try {
  await startUp(installation, report, quick ? 1 : 3);
  await serverMemory(installation, report, 'fresh');
  const bench = installation.prepare();
  await download(bench, report);
  await pipeline(bench, report, pipelineSize);
  await provisioning(bench, report, size);
  fill(bench, size.few);
  const before = await availability(bench, report, size, size.few);
  fill(bench, size.many);
  await availability(bench, report, size, size.many, before);
  await history(bench, report, size);
  await serverMemory(installation, report, 'after the whole run', 0);
} finally {
  await installation.remove();
}
console.log(report.toString());
