// Shared by the programs of the job runners for Node.

import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Loads a package from the cache in which the script `run` installed the runners. */
export const load = createRequire(join(process.env.PEERS, 'package.json'));

/** Counts the steps that ended. The first tenth is a warm-up; the meter measures the time of the other steps. */
export class Meter {
  constructor({ jobs, steps }) {
    this.left = jobs * steps;
    this.warmUp = Math.ceil(this.left / 10);
    this.finished = new Promise((resolve) => (this.finish = resolve));
  }

  /** Call this at the end of each step, or at the end of each job with the job's number of steps. */
  ended(steps = 1) {
    this.left -= steps;
    if (this.began === undefined) {
      this.warmUp -= steps;
      if (this.warmUp > 0) return;
      this.began = performance.now();
      this.done = this.left;
    } else if (this.left === 0) {
      this.finish({ done: this.done, seconds: (performance.now() - this.began) / 1000 });
    }
  }
}

/**
 * Runs `measure({ url, workers, jobs, steps })` with the arguments of the program, and prints the number of measured
 * steps and their duration in seconds.
 */
export async function drive(measure) {
  const [workers, jobs, steps] = process.argv.slice(2).map(Number);
  const measured = await measure({ url: process.env.DATABASE_URL, workers, jobs, steps });
  console.log(JSON.stringify(measured));
  process.exit(0);
}

/** Runs `work(number)` for each job. Each of the `workers` callers starts its next job when the previous one ended. */
export async function callInTurn({ workers, jobs, steps }, work) {
  const meter = new Meter({ jobs, steps });
  let next = 0;
  const caller = async () => {
    while (next < jobs) {
      await work((next += 1));
      meter.ended(steps);
    }
  };
  await Promise.all(Array.from({ length: workers }, caller));
  return meter.finished;
}
