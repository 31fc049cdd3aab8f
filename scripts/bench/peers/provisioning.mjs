// Compares provisioning in Tenantry with a transaction that is written by hand for Node, over HTTP and in the same
// PostgreSQL. The transaction also stores skipped steps; Tenantry also stores the attempt. The runs alternate.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { runAlternately } from '../http_load.mjs';
import { clientsText, runProvisioningLoad } from '../provisioning.mjs';
import { NODE } from './runners.mjs';

const DATABASE = 'bench_hand_written';
const CLIENTS = [1, 8, 16];
const MIN_RATIO = 1.3;

export async function compareProvisioning(bench, report, size) {
  bench.sql(`CREATE DATABASE ${DATABASE}`);
  const program = await HandWritten.start(bench);
  try {
    for (const clients of CLIENTS) {
      const loads = [bench, program].map(
        (target) => (seconds) => runProvisioningLoad(target, clients, seconds),
      );
      const [own, other] = await runAlternately(loads, size);
      const ratio = own.rate / other.rate;
      report.add(
        `provisioning, ${clientsText(clients)}: Tenantry / transaction written by hand`,
        `${ratio.toFixed(2)} (${own.rate.toFixed(0)} and ${other.rate.toFixed(0)} per second)`,
        { goal: `≥ ${MIN_RATIO}`, met: ratio >= MIN_RATIO },
      );
    }
  } finally {
    await program.stop();
    // Only a superuser may terminate autovacuum in the database.
    bench.sql(`DROP DATABASE ${DATABASE} WITH (FORCE)`, 'postgres');
  }
}

class HandWritten {
  static async start({ installation }) {
    const file = fileURLToPath(new URL('hand_written.mjs', import.meta.url));
    const child = spawn(NODE, [file], {
      env: { PATH: process.env.PATH, PEERS: process.env.PEERS, DATABASE_URL: installation.url(DATABASE) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = await once(createInterface({ input: child.stdout }), 'line');
    return Object.assign(new HandWritten(), { child, port: Number(port), token: 'unused' });
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
