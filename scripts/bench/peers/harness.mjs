// The harness that the programs of the Node job runners share.

import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Loads a package from the cache in which the script `run` installed the runners. */
export const load = createRequire(join(process.env.PEERS, 'package.json'));

/** Counts finished steps. The first tenth is a warm-up; the meter measures the duration of the rest. */
export class Meter {
  constructor({ jobs, steps }) {
    this.remaining = jobs * steps;
    this.warmUp = Math.ceil(this.remaining / 10);
    this.finished = new Promise((resolve) => (this.finish = resolve));
  }

  /** Counts one finished step, or all steps of a finished job. */
  count(steps = 1) {
    this.remaining -= steps;
    if (this.startedAt === undefined) {
      this.warmUp -= steps;
      if (this.warmUp > 0) return;
      this.startedAt = performance.now();
      this.done = this.remaining;
    } else if (this.remaining === 0) {
      this.finish({ done: this.done, seconds: (performance.now() - this.startedAt) / 1000 });
    }
  }
}

/**
 * Calls `measure({ url, workers, jobs, steps })` with the arguments of the program. Prints its result: the number of
 * measured steps, and their duration in seconds.
 */
export async function reportMeasurement(measure) {
  const [workers, jobs, steps] = process.argv.slice(2).map(Number);
  const measured = await measure({ url: process.env.DATABASE_URL, workers, jobs, steps });
  console.log(JSON.stringify(measured));
  process.exit(0);
}

/**
 * Runs `job` `jobs` times. `workers` loops run at the same time; each loop starts its next job when its previous job
 * has ended.
 */
export async function runJobs({ workers, jobs, steps }, job) {
  const meter = new Meter({ jobs, steps });
  let started = 0;
  const worker = async () => {
    while (started < jobs) {
      started += 1;
      await job();
      meter.count(steps);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return meter.finished;
}
