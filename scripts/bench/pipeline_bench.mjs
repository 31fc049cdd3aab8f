// Runs the program in scripts/bench/pipeline, once for each measurement.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { processorTime } from './processes.mjs';

const { PIPELINE_BENCH } = process.env;

/**
 * Resolves to the measurement. If the program reports the start and the end of the work, `worker` and
 * `database` are the processor seconds that the program and PostgreSQL used in between.
 */
export async function runMeasurement({ installation }, measurement, ...args) {
  const child = spawn(PIPELINE_BENCH, [measurement, ...args.map(String)], {
    env: { DATABASE_URL: installation.url() },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  child.stdin.on('error', () => {}); // The program has exited; its status is checked below.
  const spent = {};
  let measured;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line);
    if (typeof message === 'string') {
      spent[message] = processorTime(installation, child.pid);
      child.stdin.write('\n'); // The program waits for a line of input.
    } else {
      measured = message;
    }
  }
  const [status] = await closed;
  if (status !== 0) throw new Error(`${measurement}: status ${status}`);
  const used = (part) => spent.finished?.[part] - spent.started?.[part];
  return { ...measured, worker: used('process'), database: used('database') };
}
