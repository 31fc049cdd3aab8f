// How long a start takes, and how much memory the server takes that nobody uses.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { median, ms } from './figures.mjs';

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
  const server = kilobytes(`/proc/${installation.server.pid}/status`, 'VmRSS') / 1024;
  const database = postgresProcesses(installation.postmaster().pid)
    .map((pid) => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024)
    .reduce((sum, size) => sum + size, 0);
  report.add(`memory of the server, ${state} (RSS)`, `${server.toFixed(0)} MB`, rest ? { goal: '50 MB', met: server <= 50 } : {});
  report.add(`memory of its PostgreSQL, ${state} (PSS of all processes)`, `${database.toFixed(0)} MB`);
}

function postgresProcesses(postmaster) {
  const children = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && parent(pid) === postmaster);
  return [postmaster, ...children];
}

function parent(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[1]);
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

function kilobytes(file, field) {
  try {
    return Number(readFileSync(file, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'))[1]);
  } catch {
    return 0; // It has ended meanwhile.
  }
}
