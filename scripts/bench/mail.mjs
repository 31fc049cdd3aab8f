// Compares provisioning and sign-up while the mail server accepts messages and while it does not respond. The runs
// alternate.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { runAlternately, runLoad } from './http_load.mjs';
import { Installation } from './installation.mjs';
import { clientsText, runProvisioningLoad, warmUp } from './provisioning.mjs';
import { ms } from './statistics.mjs';

const CLIENTS = [1, 16];
const MAX_RATIO = 1.1;

const support = (name) => fileURLToPath(new URL(`../../end2end/support/${name}`, import.meta.url));

/** Settings for the mail server of the browser tests, or another one, on this port. */
const settingsFor = (port) => ({
  TENANTRY_MAIL_HOST: 'localhost',
  TENANTRY_MAIL_PORT: String(port),
  TENANTRY_MAIL_USER: 'tenantry',
  TENANTRY_MAIL_PASSWORD: 'correct horse',
  TENANTRY_MAIL_FROM_ADDRESS: 'console@bench.example',
  TENANTRY_MAIL_CA_CERTIFICATES: support('smtp-server.crt'),
  TENANTRY_SIGN_UP: 'on',
  // Without a line for each delivery and each failure.
  TENANTRY_LOG: 'error',
  TENANTRY_TRUSTED_PROXIES: '127.0.0.1',
});

/** Starts a mail server that accepts every message. */
async function startMailServer() {
  const child = spawn('node', [support('smtp-server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the mail server exited')));
    child.stdout.once('data', (line) => resolve(JSON.parse(line).port));
  });
  // The server prints each message.
  child.stdout.resume();
  return { port, stop: () => child.kill() };
}

/** Listens on a port, accepts connections, and never sends a byte. */
async function startSilentServer() {
  const connections = new Set();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    connections.forEach((connection) => connection.destroy());
    server.close();
  };
  return { port: server.address().port, stop };
}

async function prepare({ port }) {
  const installation = new Installation(settingsFor(port));
  await installation.start();
  const bench = installation.prepare();
  await warmUp(bench);
  return bench;
}

/** Signs up with a new address from another network each time, because the calls of one network are limited. */
function signUp(bench, connection) {
  const id = randomUUID();
  const network = id
    .replaceAll('-', '')
    .slice(0, 12)
    .replace(/(.{4})(?=.)/g, '$1:');
  const body = JSON.stringify({ company: 'Bench', name: 'Bench', email: `${id}@bench.example` });
  return connection.send(
    `POST /api/v1/auth/signup HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nX-Forwarded-For: 2001:db8:${network}::1\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

const LOADS = {
  provisioning: (bench, clients) => (seconds) => runProvisioningLoad(bench, clients, seconds),
  'sign-up': (bench, clients) => (seconds) =>
    runLoad(bench, clients, seconds, 202, (connection) => signUp(bench, connection)),
};

export async function compareMailServers(report, size) {
  const servers = [await startMailServer(), await startSilentServer()];
  try {
    const [healthy, silent] = await Promise.all(servers.map(prepare));
    for (const [name, load] of Object.entries(LOADS)) {
      for (const clients of CLIENTS) {
        const [up, down] = await runAlternately([load(healthy, clients), load(silent, clients)], size);
        const ratio = down.p50 / up.p50;
        report.add(
          `${name} with a silent mail server / with a healthy one, p50, ${clientsText(clients)}`,
          `${ratio.toFixed(2)} (${ms(down.p50)} and ${ms(up.p50)})`,
          { goal: `≤ ${MAX_RATIO}`, met: ratio <= MAX_RATIO },
        );
      }
    }
    await healthy.installation.remove();
    await silent.installation.remove();
  } finally {
    servers.forEach((server) => server.stop());
  }
}
