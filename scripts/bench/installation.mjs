// A server with its own temporary data directory, and access to the server and its PostgreSQL.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { TENANTRY_BIN, TENANTRY_SITE_ROOT, PG_BIN } = process.env;
const START_MS = 60_000;

/** The environment without the user's own settings. */
const environment = () => {
  const others = Object.entries(process.env).filter(([name]) => !/^(TENANTRY_|DATABASE_URL|PG)/.test(name));
  return { ...Object.fromEntries(others), TENANTRY_SITE_ROOT, PG_BIN };
};

/** The session settings of the engine's connections. pgbench uses the same settings. */
const SESSION =
  '-c search_path=tenantry -c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=10s';

export class Installation {
  static all = [];

  static async removeAll() {
    for (const installation of this.all.splice(0)) await installation.remove();
  }

  static removeAllOnSignals() {
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => this.removeAll().finally(() => process.exit(1)));
  }

  /** `settings` are environment variables of the server. */
  constructor(settings = {}) {
    this.settings = settings;
    Installation.all.push(this);
    this.dataDir = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
    // A server started by root runs PostgreSQL as another user, which needs access to the directory.
    chmodSync(this.dataDir, 0o755);
  }

  /** Starts the server. Resolves to the milliseconds until it is ready. */
  async start() {
    this.port = await chooseFreePort();
    const began = performance.now();
    this.server = spawn(
      TENANTRY_BIN,
      ['serve', '--listen', `127.0.0.1:${this.port}`, '--data-dir', this.dataDir],
      {
        env: { ...environment(), ...this.settings },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    while (!(await this.isReady())) {
      if (this.server.exitCode !== null) throw new Error('the server exited');
      if (performance.now() - began > START_MS) throw new Error('the server did not become ready');
      await sleep(2);
    }
    return performance.now() - began;
  }

  async isReady() {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** Stops the server and its PostgreSQL. */
  async stop() {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }

  async remove() {
    await this.stop();
    try {
      rmSync(this.home(), { recursive: true, force: true });
    } catch {
      // The database was never created.
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /**
   * The directory of the private cluster. `postgres` is a symbolic link if the user that runs PostgreSQL
   * cannot enter the data directory.
   */
  home() {
    return realpathSync(join(this.dataDir, 'postgres'));
  }

  postmaster() {
    const lines = readFileSync(join(this.home(), 'data', 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), socketDirectory: lines[4] };
  }

  password() {
    return readFileSync(join(this.home(), 'password'), 'utf8').trim();
  }

  /** The URL of a database. The default, `postgres`, is for programs that create their own databases. */
  url(database = 'postgres') {
    const [password, host] = [this.password(), this.postmaster().socketDirectory].map(encodeURIComponent);
    return `postgres://tenantry:${password}@${host}/${database}`;
  }

  /** Runs a command of Tenantry on the data directory and returns its output. */
  tenantry(...args) {
    return execFileSync(TENANTRY_BIN, [...args, '--data-dir', this.dataDir], {
      env: environment(),
      encoding: 'utf8',
    });
  }

  /** Runs a PostgreSQL program on the database and returns its output. */
  postgres(program, args, user = 'tenantry') {
    const env = {
      ...process.env,
      PGHOST: this.postmaster().socketDirectory,
      PGPORT: '5432',
      PGUSER: user,
      PGDATABASE: 'tenantry',
      PGPASSWORD: this.password(),
      PGOPTIONS: program === 'pgbench' ? SESSION : '-c search_path=tenantry',
    };
    return execFileSync(join(PG_BIN, program), args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  sql(text, user) {
    return this.postgres('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text], user);
  }

  /** Creates an admin token, and returns the context of the measurements. */
  prepare() {
    const { token } = JSON.parse(
      this.tenantry('token', 'create', '--name', 'bench', '--role', 'ADMIN', '--json'),
    );
    const employee = this.sql("SELECT id FROM employees WHERE name = 'bench'");
    return {
      installation: this,
      port: this.port,
      token,
      employee,
      sql: (text, user) => this.sql(text, user),
    };
  }
}

/** Resolves to a free port of the loopback interface. */
function chooseFreePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
