import { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, launch, printed, run, StartOptions, tenantry } from './processes';
import { ADMIN } from './world';

/** Where a server's link for the first admin is found in what it prints. */
const READY = /running at (http:\S+)[^]*?(http:\S+\/setup\/\S+)/;
/** What it prints when there is an admin already. */
const RUNNING = /running at (http:\S+)/;

/** A real server on a database of its own. */
export class Server {
  private constructor(
    readonly url: string,
    readonly setupLink: string,
    readonly dataDir: string,
    private child: ChildProcess,
  ) {}

  /** Starts one on a free port of the loopback interface. */
  static async start(): Promise<Server> {
    const dataDir = mkdtempSync(join(tmpdir(), 'tenantry-e2e-'));
    // A server started by root runs PostgreSQL as another user, who must get in here.
    chmodSync(dataDir, 0o755);
    const child = serve(dataDir, '127.0.0.1:0');
    try {
      const [, url, setupLink] = await printed(child, READY);
      return new Server(url, setupLink, dataDir, child);
    } catch (error) {
      await end(child);
      throw error;
    }
  }

  /** Starts one that has an admin. */
  static async startWithAdmin(): Promise<Server> {
    const server = await Server.start();
    await tenantry(
      server.dataDir,
      ['admin', 'create', '--email', ADMIN.email, '--role', 'SUPER_ADMIN', '--name', ADMIN.name],
      ADMIN.password,
    );
    return server;
  }

  /** Stops it, its PostgreSQL with it, and removes the data. */
  async stop(): Promise<void> {
    await this.end();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Stops it and its PostgreSQL, and keeps the data. */
  async end(): Promise<void> {
    await end(this.child);
  }

  /** Starts it again at its address, after it ended. */
  async startAgain(options: StartOptions = {}): Promise<void> {
    this.child = serve(this.dataDir, new URL(this.url).host, options);
    await printed(this.child, RUNNING);
  }

  /** Where its private PostgreSQL is, and the role that it works as. */
  get postgres() {
    const home = realpathSync(join(this.dataDir, 'postgres'));
    const password = readFileSync(join(home, 'password'), 'utf8').trim();
    // Lines: pid, data, start time, port, socket folder.
    const [, , , port, folder] = readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8').split('\n');
    return { folder, port, user: 'tenantry', password };
  }

  /** The URL of a database of its private PostgreSQL. */
  databaseUrl(database: string): string {
    const { folder, port, user, password } = this.postgres;
    return `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(folder)}`;
  }

  /** Runs SQL in its private PostgreSQL and returns what it prints. */
  async sql(statement: string, database = 'tenantry'): Promise<string> {
    const data = realpathSync(join(this.dataDir, 'postgres', 'data'));
    const [program] = commandLine(readFileSync(join(data, 'postmaster.opts'), 'utf8'));
    const psql = join(program, '..', 'psql');
    return (
      await run(
        psql,
        ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', this.databaseUrl(database), '-c', statement],
        {},
      )
    ).trim();
  }

  /** The rows that a query answers in its private PostgreSQL. */
  async rows(query: string, database?: string): Promise<Record<string, unknown>[]> {
    return JSON.parse(
      await this.sql(`SELECT coalesce(json_agg(found), '[]') FROM (${query}) found`, database),
    );
  }

  /** Stops PostgreSQL behind the server's back. */
  async stopDatabase(): Promise<void> {
    await this.pgCtl(['stop', '-m', 'fast']);
  }

  /** Starts PostgreSQL again, as it ran before. */
  async startDatabase(): Promise<void> {
    const [, options] = this.stoppedWith ?? ['', ''];
    await this.pgCtl(['start', '-l', '../postgres.log', '-o', options]);
  }

  private stoppedWith?: [string, string];

  private async pgCtl(command: string[]): Promise<void> {
    const data = realpathSync(join(this.dataDir, 'postgres', 'data'));
    const { uid, gid } = statSync(data);
    this.stoppedWith ??= commandLine(readFileSync(join(data, 'postmaster.opts'), 'utf8'));
    const pgCtl = join(this.stoppedWith[0], '..', 'pg_ctl');
    await run(pgCtl, ['-D', data, '-w', '-s', ...command], { cwd: data, uid, gid });
  }
}

const serve = (dataDir: string, listen: string, options?: StartOptions) =>
  launch(dataDir, ['serve', '--listen', listen], options);

/** The program and the settings of `postmaster.opts`, which is written as a shell would read it. */
function commandLine(text: string): [string, string] {
  const [program] = text.split(' ');
  const settings = [...text.matchAll(/"-c" ("[^"]*")/g)].map(([, setting]) => `-c ${setting}`);
  return [program, settings.join(' ')];
}
