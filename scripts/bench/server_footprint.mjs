// Start-up time and memory of the server.

import { setTimeout as sleep } from 'node:timers/promises';

import { median, ms } from './statistics.mjs';
import { memory } from './processes.mjs';

const IDLE_MS = 5_000;

export async function measureStartUp(installation, report, laterStarts) {
  const first = await installation.start();
  const later = [];
  for (let start = 0; start < laterStarts; start += 1) {
    await installation.stop();
    later.push(await installation.start());
  }
  report.add('start-up: first start, with a new PostgreSQL, until `/readyz`', ms(first));
  report.add(`start-up: later start, including PostgreSQL (median of ${laterStarts})`, ms(median(later)));
}

/**
 * Measures the memory after `idle` milliseconds without requests. The goal is 50 MB for a server at rest, and
 * 100 MB immediately after load (`idle` is 0).
 */
export async function measureMemory(installation, report, state, idle = IDLE_MS) {
  await sleep(idle);
  const goal = idle ? 50 : 100;
  const { server, database } = memory(installation);
  report.add(`memory of the server, ${state} (RSS)`, `${server.toFixed(0)} MB`, {
    goal: `${goal} MB`,
    met: server <= goal,
  });
  report.add(`memory of its PostgreSQL, ${state} (PSS of all processes)`, `${database.toFixed(0)} MB`);
}
