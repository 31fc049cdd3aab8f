// Compares provisioning with a transaction written by hand. Then runs the same no-op jobs in Tenantry and in other job
// runners, alternately. Prints the report.

import { Installation } from '../installation.mjs';
import { Report } from '../report.mjs';
import { compareProvisioning } from './provisioning.mjs';
import { installedPeers, TENANTRY } from './runners.mjs';

const quick = process.argv.includes('--quick');
const WORKERS = [1, 4, 8];
const ROUNDS = quick ? 1 : 3;
/** The duration of one run of provisioning. */
const SECONDS = quick ? 2 : 8;
/** The number of jobs in a run, by their number of steps. */
const JOBS = quick ? { 1: 500, 7: 100 } : { 1: 1000, 7: 250 };
/** The runners that Tenantry must outperform also with jobs of one step. */
const OUTPERFORM_WITH_ONE_STEP = ['DBOS', 'Restate'];

async function compare(bench, report, peers, steps, workers) {
  const runners = [TENANTRY, ...peers];
  const measured = runners.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, runner] of runners.entries()) {
      bench.sql('CHECKPOINT', 'postgres'); // Writes the pages of the previous run before this run.
      measured[index].push(await runner.run(bench, workers, JOBS[steps], steps));
    }
  }
  const size = `jobs of ${counted(steps, 'step')}, ${counted(workers, 'worker')}`;
  const [own, ...others] = measured;
  report.add(`${size}: ${TENANTRY.name}`, rates(own, steps));
  for (const [index, { name }] of peers.entries()) {
    const ratio = rate(own) / rate(others[index]);
    const text = `${rates(others[index], steps)}; ratio ${ratio.toFixed(2)} (${range(own, others[index])})`;
    const hasGoal = steps > 1 || OUTPERFORM_WITH_ONE_STEP.includes(name);
    report.add(`${size}: ${name}`, text, hasGoal ? { goal: 'ratio > 1', met: ratio > 1 } : {});
  }
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const sum = (runs, part) => runs.reduce((total, run) => total + run[part], 0);
const rate = (runs) => sum(runs, 'done') / sum(runs, 'seconds');
const rates = (runs, steps) => `${(rate(runs) / steps).toFixed(0)} jobs/s, ${rate(runs).toFixed(0)} steps/s`;

/** The smallest and the largest ratio of a round. */
function range(own, other) {
  const ratios = own.map((run, round) => rate([run]) / rate([other[round]]));
  return [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2)).join(' to ');
}

const report = new Report(quick);
Installation.removeAllOnSignals();
try {
  const installation = new Installation();
  await installation.start();
  const bench = installation.prepare();
  await compareProvisioning(bench, report, { rounds: ROUNDS, seconds: SECONDS });
  const peers = installedPeers();
  for (const steps of [1, 7])
    for (const workers of WORKERS) await compare(bench, report, peers, steps, workers);
} finally {
  await Installation.removeAll();
}
console.log(report.toString());
