import { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseFreePort } from './free-port';
import { launch, run, StartOptions, stopProcess, waitForOutput } from './processes';
import { createEmployee } from './employee';
import { ADMIN } from './test-environment';

/** Matches the output of a server without an admin: its URL and its setup link. */
export const SETUP_OUTPUT = /running at (http:\S+)[^]*?(http:\S+\/setup\/\S+)/;
/** Matches the output of a server that has an admin: its URL. */
const START_OUTPUT = /running at (http:\S+)/;

/** A real server with its own database. */
export class Server {
  private constructor(
    readonly url: string,
    readonly setupLink: string,
    readonly dataDir: string,
    private child: ChildProcess,
  ) {}

  /** Starts a server on a free port of the loopback interface. */
  static async start(options: StartOptions = {}): Promise<Server> {
    const dataDir = mkdtempSync(join(tmpdir(), 'tenantry-e2e-'));
    // If root starts the server, PostgreSQL runs as another user, who needs access to the directory.
    chmodSync(dataDir, 0o755);
    const child = serve(dataDir, `127.0.0.1:${await chooseFreePort()}`, options);
    try {
      const [, url, setupLink] = await waitForOutput(child, SETUP_OUTPUT);
      return new Server(url, setupLink, dataDir, child);
    } catch (error) {
      await stopProcess(child);
      throw error;
    }
  }

  /** Starts a server with an admin. */
  static async startWithAdmin(options: StartOptions = {}): Promise<Server> {
    const server = await Server.start(options);
    await createEmployee(server.dataDir, { ...ADMIN, role: 'SUPER_ADMIN' });
    return server;
  }

  /** Stops the server and its PostgreSQL, and deletes the data. */
  async stop(): Promise<void> {
    await this.stopAndKeepData();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Stops the server and its PostgreSQL, and keeps the data. */
  async stopAndKeepData(): Promise<void> {
    await stopProcess(this.child);
  }

  /** Starts the stopped server again, with the same URL. */
  async restart(options: StartOptions = {}): Promise<void> {
    this.child = serve(this.dataDir, new URL(this.url).host, options);
    await waitForOutput(this.child, START_OUTPUT);
  }

  /** The socket directory, the port and the credentials of the private PostgreSQL. */
  get postgres() {
    return postgresOf(this.dataDir);
  }

  /** The URL of a database in the private PostgreSQL. */
  databaseUrl(database: string): string {
    return databaseUrl(this.dataDir, database);
  }

  /** Runs SQL in the private PostgreSQL and returns its output. */
  sql(statement: string, database?: string): Promise<string> {
    return runSql(this.dataDir, statement, database);
  }

  /** The rows of a query in the private PostgreSQL. */
  async rows(query: string, database?: string): Promise<Record<string, unknown>[]> {
    return JSON.parse(
      await this.sql(`SELECT coalesce(json_agg(found), '[]') FROM (${query}) found`, database),
    );
  }

  /** Stops PostgreSQL without stopping the server. */
  async stopDatabase(): Promise<void> {
    await this.pgCtl(['stop', '-m', 'fast']);
  }

  /** Starts the stopped PostgreSQL again, with the same options. */
  async startDatabase(): Promise<void> {
    const [, options] = this.stoppedCommandLine ?? ['', ''];
    await this.pgCtl(['start', '-l', '../postgres.log', '-o', options]);
  }

  private stoppedCommandLine?: [string, string];

  private async pgCtl(command: string[]): Promise<void> {
    const data = realpathSync(join(this.dataDir, 'postgres', 'data'));
    const { uid, gid } = statSync(data);
    this.stoppedCommandLine ??= parseCommandLine(readFileSync(join(data, 'postmaster.opts'), 'utf8'));
    const pgCtl = join(this.stoppedCommandLine[0], '..', 'pg_ctl');
    await run(pgCtl, ['-D', data, '-w', '-s', ...command], { cwd: data, uid, gid });
  }
}

const serve = (dataDir: string, listen: string, options?: StartOptions) =>
  launch(dataDir, ['serve', '--listen', listen], options);

/** The socket directory, the port and the credentials of the PostgreSQL in a server's data directory. */
function postgresOf(dataDir: string) {
  const home = realpathSync(join(dataDir, 'postgres'));
  const password = readFileSync(join(home, 'password'), 'utf8').trim();
  const pidFile = readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8');
  // Lines: pid, data directory, start time, port, socket directory.
  const [, , , port, socketDirectory] = pidFile.split('\n');
  return { socketDirectory, port, user: 'tenantry', password };
}

function databaseUrl(dataDir: string, database: string): string {
  const { socketDirectory, port, user, password } = postgresOf(dataDir);
  return `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(socketDirectory)}`;
}

/** Runs SQL in the PostgreSQL in a server's data directory and returns its output. */
export async function runSql(dataDir: string, statement: string, database = 'tenantry'): Promise<string> {
  const data = realpathSync(join(dataDir, 'postgres', 'data'));
  const [program] = parseCommandLine(readFileSync(join(data, 'postmaster.opts'), 'utf8'));
  const psql = join(program, '..', 'psql');
  const args = ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', databaseUrl(dataDir, database), '-c', statement];
  return (await run(psql, args, {})).trim();
}

/** The program and the settings in `postmaster.opts`, which has shell syntax. */
function parseCommandLine(text: string): [string, string] {
  const [program] = text.split(' ');
  const settings = [...text.matchAll(/"-c" ("[^"]*")/g)].map(([, setting]) => `-c ${setting}`);
  return [program, settings.join(' ')];
}
