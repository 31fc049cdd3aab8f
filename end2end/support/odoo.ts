import { ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { end, run } from './processes';
import { Server } from './server';

const script = (name: string) => join(__dirname, '../../scripts/odoo', name);

/** How `scripts/odoo/setup` says that Odoo cannot be had here. */
const CANNOT_BE_HAD = 75;
const START_MS = 60_000;

/** Whom the kept database knows as its administrator, with the same word as the password. */
export const TEMPLATE_ADMIN = 'admin';

/** Fetches Odoo where it is not there yet, and answers why it cannot be had, if so: then it must not be demanded. */
export async function whyNoOdoo(): Promise<string | undefined> {
  const [code, told] = await new Promise<[unknown, string]>((resolve) =>
    execFile(script('setup'), (error, _, stderr) => resolve([error ? error.code : 0, stderr.trim()])),
  );
  if (code === 0) return undefined;
  if (code !== CANNOT_BE_HAD || process.env.TENANTRY_DEMAND_ODOO)
    throw new Error(`scripts/odoo/setup ended with ${code}: ${told}`);
  const why = told.split('\n').at(-1) ?? '';
  process.stderr.write(`\nSKIPPED: the tests against a real Odoo (${why})\n`);
  return why;
}

/** A real Odoo 19 on the private PostgreSQL of a server. It serves every database there. */
export class Odoo {
  private child?: ChildProcess;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** One that is not started yet, on a free port of the loopback interface. */
  static async on(server: Server): Promise<Odoo> {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    return new Odoo(server, port);
  }

  /** Restores the kept database under this name, and answers its administrator's key for JSON-2. */
  async restore(database: string): Promise<string> {
    const key = await run(script('restore'), [database], { env: this.environment() });
    return readFileSync(key.trim(), 'utf8').trim();
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const path = join(this.server.dataDir, 'odoo.log');
    const log = openSync(path, 'w');
    const child = (this.child = spawn(script('serve'), {
      env: this.environment(),
      stdio: ['ignore', log, log],
    }));
    closeSync(log);
    const deadline = Date.now() + START_MS;
    while (!(await this.answers())) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`Odoo is not ready:\n${readFileSync(path, 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    if (this.child) await end(this.child);
  }

  /** The id of the user who signs in to a database with these, or false. */
  async signIn(database: string, login: string, password: string): Promise<number | false> {
    const params = { service: 'common', method: 'authenticate', args: [database, login, password, {}] };
    const response = await this.call('/jsonrpc', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params }),
    });
    const { result, error } = await response.json();
    if (error) throw new Error(JSON.stringify(error));
    return result;
  }

  private call = (path: string, init?: RequestInit) => fetch(this.url + path, init);

  private answers(): Promise<boolean> {
    return this.call('/web/health').then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private environment() {
    const { folder, port, user, password } = this.server.postgres;
    return {
      ...process.env,
      ODOO_PORT: String(this.port),
      ODOO_DATA: join(this.server.dataDir, 'odoo'),
      ODOO_PGHOST: folder,
      ODOO_PGPORT: port,
      ODOO_PGUSER: user,
      ODOO_PGPASSWORD: password,
    };
  }
}
