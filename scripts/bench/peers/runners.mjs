// The job runners that are compared.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { runMeasurement } from '../pipeline_bench.mjs';

const DATABASE = 'bench_peer';
const installed = (path) => join(process.env.PEERS, path);
export const NODE = installed(`node_modules/node-${process.platform}-${process.arch}/bin/node`);
const PYTHON = installed('python/bin/python');

/**
 * Tenantry runs the last steps of provisioned tenants as no-ops. The method `run` of each runner resolves to the number
 * of measured steps and their duration in seconds.
 */
export const TENANTRY = {
  name: 'Tenantry',
  run: (bench, workers, jobs, steps) => runMeasurement(bench, 'steps', workers, jobs, steps),
};

/** The other runners that are installed. */
export function installedPeers() {
  const peers = [
    new Peer('DBOS', NODE, 'dbos.mjs'),
    new Peer('Restate', NODE, 'restate.mjs'),
    new Peer('pg-boss', NODE, 'pg_boss.mjs'),
    new Peer('graphile-worker', NODE, 'graphile_worker.mjs'),
    new Peer('procrastinate', PYTHON, 'procrastinate_peer.py'),
  ];
  const missing = peers.filter(({ interpreter }) => !existsSync(interpreter));
  for (const { name, interpreter } of missing)
    console.error(`bench: skipping ${name}: ${interpreter} does not exist`);
  return peers.filter((peer) => !missing.includes(peer));
}

class Peer {
  constructor(name, interpreter, file) {
    this.name = name;
    this.interpreter = interpreter;
    this.program = fileURLToPath(new URL(file, import.meta.url));
  }

  /** Runs the program in a new database. The jobs with which the program warms up are not measured. */
  async run({ installation, sql }, ...size) {
    sql(`CREATE DATABASE ${DATABASE}`);
    try {
      const child = spawn(this.interpreter, [this.program, ...size.map(String)], {
        env: { PATH: process.env.PATH, PEERS: process.env.PEERS, DATABASE_URL: installation.url(DATABASE) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      if (status !== 0) throw new Error(`${this.name}: status ${status}`);
      return JSON.parse(output.trim().split('\n').at(-1));
    } finally {
      // Only a superuser may terminate autovacuum in the database.
      sql(`DROP DATABASE ${DATABASE} WITH (FORCE)`, 'postgres');
    }
  }
}
