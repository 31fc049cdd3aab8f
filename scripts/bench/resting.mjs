// How long a start takes, and how much memory the server takes that nobody uses.

import { setTimeout as sleep } from 'node:timers/promises';

import { median, ms } from './figures.mjs';
import { memory } from './processes.mjs';

const REST_MS = 5_000;

export async function startUp(installation, report, laterStarts) {
  const first = await installation.start();
  const later = [];
  for (let start = 0; start < laterStarts; start += 1) {
    await installation.stop();
    later.push(await installation.start());
  }
  report.add('start-up: first start, with its new PostgreSQL, to `/readyz`', ms(first));
  report.add(`start-up: later start, PostgreSQL started too (median of ${laterStarts})`, ms(median(later)));
}

/** After a rest of `rest` milliseconds. The goal holds for a fresh server. */
export async function memoryAtRest(installation, report, state, rest = REST_MS) {
  await sleep(rest);
  const { server, database } = memory(installation);
  report.add(`memory of the server, ${state} (RSS)`, `${server.toFixed(0)} MB`, rest ? { goal: '50 MB', met: server <= 50 } : {});
  report.add(`memory of its PostgreSQL, ${state} (PSS of all processes)`, `${database.toFixed(0)} MB`);
}
