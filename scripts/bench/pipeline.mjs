// Measures the external pipeline: steps, pick-up, takeover and copies. Compares steps and pick-up with
// graphile_worker.

import { median, ms, quantile } from './statistics.mjs';
import { runMeasurement } from './pipeline_bench.mjs';

const STEPS = 7;
/** Pick-up and hand-over in ms, takeover in s. */
const GOAL = { pickUp: 10, takeover: 45, copyRatio: 1.05, handOver: 50 };
/** The default number of workers in a process. */
const IDLE_WORKERS = 2;

export async function measurePipeline(bench, report, size) {
  await measureSteps(bench, report, size);
  await measurePickUp(bench, report, size);
  await measureTakeover(bench, report, size);
  await measureCopies(bench, report, size);
}

/** Compares no-op steps with no-op jobs of graphile_worker. The runs alternate. */
async function measureSteps(bench, report, { workers, rounds, jobs }) {
  for (const count of workers) {
    const [ours, graphile] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await runMeasurement(bench, 'steps', count, jobs));
      graphile.push(await runMeasurement(bench, 'graphile-jobs', count, jobs * STEPS));
    }
    const [rate, graphileRate] = [ours, graphile].map((runs) => sum(runs, 'done') / sum(runs, 'seconds'));
    report.add(`durable no-op steps, ${workersText(count)}`, `${rate.toFixed(0)} per second`);
    report.add(`graphile_worker: no-op jobs, ${workersText(count)}`, `${graphileRate.toFixed(0)} per second`);
    report.add(
      `processor time of one step, ${workersText(count)}`,
      `${timePerStep(ours)}; one job of graphile_worker: ${timePerStep(graphile)}`,
    );
  }
}

const sum = (runs, part) => runs.reduce((total, run) => total + run[part], 0);

/** Processor time per step. Unlike the rate, this time depends little on other load. */
function timePerStep(runs) {
  const each = (part) => ms((1000 * sum(runs, part)) / sum(runs, 'done'));
  return `worker ${each('worker')} + PostgreSQL ${each('database')}`;
}

const workersText = (count) => (count === 1 ? '1 worker' : `${count} workers`);

/** Time from the creation of a job until an idle worker starts it. */
async function measurePickUp(bench, report, { pickUps }) {
  const ours = await runMeasurement(bench, 'pick-up', IDLE_WORKERS, pickUps);
  const graphile = await runMeasurement(bench, 'graphile-pick-up', IDLE_WORKERS, pickUps);
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(ours.milliseconds, share));
  const idle = `${IDLE_WORKERS} idle workers`;
  report.add(`pick-up of a new job, ${idle}, p50`, ms(p50));
  report.add(`pick-up of a new job, ${idle}, p95`, ms(p95), {
    goal: ms(GOAL.pickUp),
    met: p95 <= GOAL.pickUp,
  });
  const [graphileP50, graphileP95] = [0.5, 0.95].map((share) => quantile(graphile.milliseconds, share));
  report.add(
    `graphile_worker: pick-up of a new job, ${idle}`,
    `p50 ${ms(graphileP50)}, p95 ${ms(graphileP95)}`,
  );
}

/** Time from the SIGKILL of a worker process until another worker starts the step's next attempt. */
async function measureTakeover(bench, report, { kills }) {
  const { seconds } = await runMeasurement(bench, 'takeover', process.env.TENANTRY_BIN, kills);
  const slowest = Math.max(...seconds);
  const measured = `${slowest.toFixed(1)} s (median ${median(seconds).toFixed(1)} s)`;
  report.add(`takeover of a killed worker's step, slowest of ${kills}`, measured, {
    goal: `${GOAL.takeover} s`,
    met: slowest <= GOAL.takeover,
  });
}

/** Compares the copy step with the plain SQL statement, and with the use of a pooled database. */
async function measureCopies(bench, report, { copyRounds }) {
  const { megabytes, copies: all } = await runMeasurement(bench, 'copies', copyRounds);
  const medianOf = (strategy, method) => {
    const same = all.filter((copy) => copy.strategy === strategy && copy.method === method);
    return median(same.map((copy) => copy.milliseconds));
  };
  for (const strategy of new Set(all.map((copy) => copy.strategy))) {
    const [step, plain] = ['step', 'statement'].map((method) => medianOf(strategy, method));
    const ratio = step / plain;
    report.add(
      `copy of a template of ${megabytes.toFixed(0)} MB, ${strategy}, median of ${copyRounds}`,
      `${ms(step)}; plain \`CREATE DATABASE\` ${ms(plain)}; ratio ${ratio.toFixed(2)}`,
      { goal: `ratio ≤ ${GOAL.copyRatio}`, met: ratio <= GOAL.copyRatio },
    );
  }
  const handOver = medianOf('FILE_COPY', 'pool');
  report.add(`hand-over of a pooled database, median of ${copyRounds}`, ms(handOver), {
    goal: ms(GOAL.handOver),
    met: handOver <= GOAL.handOver,
  });
}
