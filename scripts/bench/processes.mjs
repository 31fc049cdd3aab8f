// Memory and processor time of the server and its PostgreSQL, from /proc.

import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks per second in /proc/PID/stat. */
const TICKS = 100;

/** Resident memory (RSS) of the server and proportional memory (PSS) of all PostgreSQL processes, in MB. */
export function memory(installation) {
  const sizes = postgresPids(installation).map(
    (pid) => readKilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024,
  );
  return {
    server: readKilobytes(`/proc/${installation.server.pid}/status`, 'VmRSS') / 1024,
    database: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** Processor seconds that a process and PostgreSQL, with its exited processes, have used so far. */
export function processorTime(installation, pid) {
  const [postmaster, ...children] = postgresPids(installation).map(readStat);
  const running = [postmaster, ...children].reduce((sum, { own }) => sum + own, 0);
  return { process: readStat(pid).own, database: running + postmaster.exitedChildren };
}

function postgresPids(installation) {
  const { pid: postmaster } = installation.postmaster();
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid));
  return [postmaster, ...pids.filter((pid) => readStat(pid).parent === postmaster)];
}

function readStat(pid) {
  try {
    // Fields after the name in parentheses: state, parent, …
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    return {
      parent: fields[1],
      own: (fields[11] + fields[12]) / TICKS,
      exitedChildren: (fields[13] + fields[14]) / TICKS,
    };
  } catch {
    return { parent: undefined, own: 0, exitedChildren: 0 }; // The process has exited.
  }
}

function readKilobytes(file, field) {
  try {
    return Number(readFileSync(file, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'))[1]);
  } catch {
    return 0; // The process has exited.
  }
}
