// The program in scripts/bench/pipeline: one measurement of the external pipeline a call.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { processorTime } from './processes.mjs';

const { PIPELINE_BENCH } = process.env;

/**
 * Answers what was measured, and as `worker` and `database` the processor seconds that the program
 * and PostgreSQL spent on it, where the program tells when the work begins and ends.
 */
export async function take({ installation }, measurement, ...args) {
  const child = spawn(PIPELINE_BENCH, [measurement, ...args.map(String)], {
    env: { DATABASE_URL: installation.url() },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  child.stdin.on('error', () => {}); // It has ended; its status tells.
  const spent = {};
  let measured;
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line);
    if (typeof told === 'string') {
      spent[told] = processorTime(installation, child.pid);
      child.stdin.write('\n'); // It waits for this.
    } else {
      measured = told;
    }
  }
  const [status] = await closed;
  if (status !== 0) throw new Error(`${measurement}: status ${status}`);
  const between = (part) => spent.ended?.[part] - spent.begun?.[part];
  return { ...measured, worker: between('process'), database: between('database') };
}
