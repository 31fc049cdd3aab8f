// Starts a server with example data, signs in, and runs Lighthouse on each page. scripts/lighthouse runs this
// program.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [lighthouse, runs] = process.argv.slice(2);
const PAGES = ['/provision', '/provisioning'];
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];
const METRICS = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'speed-index',
  'cumulative-layout-shift',
];
const PASSWORD = 'correct horse battery staple';
const bin = process.env.TENANTRY_BIN;
// The server refuses variables that are not settings.
delete process.env.TENANTRY_BIN;
const directory = mkdtempSync(join(tmpdir(), 'tenantry-lighthouse-'));
// PostgreSQL runs as another user, who must be able to enter the directory.
chmodSync(directory, 0o755);
const dataDir = join(directory, 'data');

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function chooseFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs a command of the server's program on the same data directory. */
function tenantry(args, input = '') {
  return execFileSync(bin, [...args, '--data-dir', dataDir], { input, encoding: 'utf8' });
}

async function start() {
  const port = await chooseFreePort();
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', dataDir];
  const server = spawn(bin, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout });
  await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    server.once('exit', () => reject(new Error('the server did not start')));
  });
  return { url: `http://127.0.0.1:${port}`, server };
}

/** Creates an employee and some tenants. Returns the request header with the employee's session. */
async function prepare(url) {
  const email = 'lighthouse@example.com';
  tenantry(['admin', 'create', '--email', email, '--role', 'ADMIN', '--name', 'Lighthouse'], PASSWORD);
  const { token } = JSON.parse(
    tenantry(['token', 'create', '--name', 'lighthouse', '--role', 'ADMIN', '--json']),
  );
  for (let number = 1; number <= 30; number += 1) {
    const response = await fetch(`${url}/api/v1/admin/tenants`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({
        name: `Example ${number}`,
        slug: `example-${number}`,
        owner: { email: `owner${number}@example.com`, name: 'Example Owner' },
      }),
    });
    if (response.status !== 201) throw new Error(`no tenant was created: ${await response.text()}`);
  }
  const signedIn = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url },
    body: new URLSearchParams({ email, password: PASSWORD }),
  });
  return { Cookie: signedIn.headers.get('set-cookie').split(';')[0] };
}

function measure(url, headers) {
  const report = join(directory, 'report.json');
  execFileSync(lighthouse, [
    url,
    '--quiet',
    '--output=json',
    `--output-path=${report}`,
    `--extra-headers=${headers}`,
    `--only-categories=${CATEGORIES.join(',')}`,
    '--chrome-flags=--headless=new --no-sandbox --disable-gpu',
  ]);
  const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
  return {
    ...Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(categories[name].score * 100)])),
    ...Object.fromEntries(METRICS.map((name) => [name, Number(audits[name].numericValue.toFixed(3))])),
  };
}

const { url, server } = await start();
try {
  const headers = join(directory, 'headers.json');
  writeFileSync(headers, JSON.stringify(await prepare(url)));
  for (const page of PAGES) {
    const results = Array.from({ length: Number(runs) }, () => measure(url + page, headers));
    console.log(page);
    for (const name of [...CATEGORIES, ...METRICS]) {
      const values = results.map((result) => result[name]);
      console.log(`  ${name.padEnd(26)} ${median(values)}  (${values.join(', ')})`);
    }
  }
} finally {
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await exited;
  rmSync(directory, { recursive: true, force: true });
}
