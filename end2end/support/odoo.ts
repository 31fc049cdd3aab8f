import { expect } from '@playwright/test';
import { ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseFreePort } from './free-port';
import { run, stopProcess } from './processes';
import { Server } from './server';

const script = (name: string) => join(__dirname, '../../scripts/odoo', name);

/** The exit code of `scripts/odoo/setup` if Odoo is not available on this machine. */
const UNAVAILABLE = 75;
const START_MS = 60_000;

/** The login and the password of the administrator in the dump that `scripts/odoo/setup` creates. */
export const TEMPLATE_ADMIN = 'admin';

/**
 * Installs Odoo unless it is already installed. If Odoo is not available, returns the reason, or throws if
 * TENANTRY_REQUIRE_ODOO is set.
 */
export async function installOdoo(): Promise<string | undefined> {
  const [code, stderr] = await new Promise<[unknown, string]>((resolve) =>
    execFile(script('setup'), (error, _stdout, stderr) => resolve([error ? error.code : 0, stderr.trim()])),
  );
  if (code === 0) return undefined;
  if (code !== UNAVAILABLE || process.env.TENANTRY_REQUIRE_ODOO)
    throw new Error(`scripts/odoo/setup exited with ${code}: ${stderr}`);
  const reason = stderr.split('\n').at(-1) ?? '';
  process.stderr.write(`\nSKIPPED: the tests against a real Odoo (${reason})\n`);
  return reason;
}

/** A real Odoo 19 that serves all databases in a server's private PostgreSQL. */
export class Odoo {
  private child?: ChildProcess;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Creates an instance for a free port of the loopback interface, without starting it. */
  static async create(server: Server): Promise<Odoo> {
    return new Odoo(server, await chooseFreePort());
  }

  /**
   * Creates a database with this name from the dump that `scripts/odoo/setup` creates. Returns the
   * administrator's API key for JSON-2.
   */
  async restore(database: string): Promise<string> {
    const keyFile = await run(script('restore'), [database], { env: this.environment() });
    return readFileSync(keyFile.trim(), 'utf8').trim();
  }

  /** Starts Odoo and waits until it responds. */
  async start(): Promise<void> {
    const path = join(this.server.dataDir, 'odoo.log');
    const log = openSync(path, 'w');
    const child = (this.child = spawn(script('serve'), {
      env: this.environment(),
      stdio: ['ignore', log, log],
    }));
    closeSync(log);
    const state = async () => {
      if (child.exitCode !== null) return 'exited';
      return (await this.isHealthy()) ? 'ready' : 'starting';
    };
    try {
      await expect.poll(state, { timeout: START_MS, intervals: [50] }).not.toBe('starting');
      expect(await state()).toBe('ready');
    } catch (error) {
      throw new Error(`Odoo is not ready: ${error}\n${readFileSync(path, 'utf8')}`);
    }
  }

  async stop(): Promise<void> {
    if (this.child) await stopProcess(this.child);
  }

  /** Signs in to a database. Returns the user's ID, or false if the credentials are wrong. */
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

  private isHealthy(): Promise<boolean> {
    return this.call('/web/health').then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private environment() {
    const { socketDirectory, port, user, password } = this.server.postgres;
    return {
      ...process.env,
      ODOO_PORT: String(this.port),
      ODOO_DATA: join(this.server.dataDir, 'odoo'),
      ODOO_PGHOST: socketDirectory,
      ODOO_PGPORT: port,
      ODOO_PGUSER: user,
      ODOO_PGPASSWORD: password,
    };
  }
}
