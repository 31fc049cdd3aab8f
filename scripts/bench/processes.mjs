// What Linux tells about the server's process and those of its PostgreSQL.

import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICKS = 100;

/** Resident memory of the server, and the fair share of all of PostgreSQL's processes, in MB. */
export function memory(installation) {
  const sizes = postgres(installation).map((pid) => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024);
  return {
    server: kilobytes(`/proc/${installation.server.pid}/status`, 'VmRSS') / 1024,
    database: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** Processor seconds used so far by a process and by PostgreSQL, its ended processes included. */
export function processorTime(installation, pid) {
  const [postmaster, ...children] = postgres(installation).map(stat);
  const running = [postmaster, ...children].reduce((sum, { own }) => sum + own, 0);
  return { process: stat(pid).own, database: running + postmaster.ofEnded };
}

function postgres(installation) {
  const { pid: postmaster } = installation.postmaster();
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid));
  return [postmaster, ...pids.filter((pid) => stat(pid).parent === postmaster)];
}

function stat(pid) {
  try {
    // After the name in brackets: state, parent, …
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
    return { parent: fields[1], own: (fields[11] + fields[12]) / TICKS, ofEnded: (fields[13] + fields[14]) / TICKS };
  } catch {
    return { parent: undefined, own: 0, ofEnded: 0 }; // It has ended meanwhile.
  }
}

function kilobytes(file, field) {
  try {
    return Number(readFileSync(file, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'))[1]);
  } catch {
    return 0; // It has ended meanwhile.
  }
}
