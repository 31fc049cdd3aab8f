import { ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tenantry');
const target = process.env.CARGO_TARGET_DIR || join(cache, 'target');
const BIN = process.env.TENANTRY_BIN || join(target, 'debug', 'tenantry');

const siteRoot = process.env.TENANTRY_SITE_ROOT || join(target, 'site');

/** Nobody's own settings: only what the tests need. */
const environment = () => {
  const others = Object.entries(process.env).filter(([name]) => !/^(TENANTRY_|DATABASE_URL)/.test(name));
  return { ...Object.fromEntries(others), TENANTRY_SITE_ROOT: siteRoot, TENANTRY_LOG: 'warn' };
};

/** How a server is started when it is not the usual one. */
export interface StartOptions {
  /** Settings as variables of the environment. */
  env?: Record<string, string>;
  /** What its configuration file says. */
  toml?: string;
}

/** Where a server's link for the first admin is found in what it prints. */
const READY = /running at (http:\S+)[^]*?(http:\S+\/setup\/\S+)/;
/** What it prints when there is an admin already. */
const RUNNING = /running at (http:\S+)/;
const START_MS = 60_000;

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
    const child = launch(dataDir, '127.0.0.1:0');
    try {
      const [, url, setupLink] = await printed(child, READY);
      return new Server(url, setupLink, dataDir, child);
    } catch (error) {
      child.kill('SIGTERM');
      throw error;
    }
  }

  /** Stops it, its PostgreSQL with it, and removes the data. */
  async stop(): Promise<void> {
    await this.end();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Stops it and its PostgreSQL, and keeps the data. */
  async end(): Promise<void> {
    const ended = this.child.exitCode !== null || new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }

  /** Starts it again at its address, after it ended. */
  async startAgain(options: StartOptions = {}): Promise<void> {
    this.child = launch(this.dataDir, new URL(this.url).host, options);
    await printed(this.child, RUNNING);
  }

  /** The URL of a database of its private PostgreSQL, for the role that it works as. */
  databaseUrl(database: string): string {
    const home = realpathSync(join(this.dataDir, 'postgres'));
    const password = readFileSync(join(home, 'password'), 'utf8').trim();
    // Lines: pid, data, start time, port, socket folder.
    const [, , , port, socket] = readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8').split('\n');
    return `postgres://tenantry:${password}@localhost:${port}/${database}?host=${encodeURIComponent(socket)}`;
  }

  /** Runs SQL in its private PostgreSQL and returns what it prints. */
  async sql(statement: string, database = 'tenantry'): Promise<string> {
    const data = realpathSync(join(this.dataDir, 'postgres', 'data'));
    const [program] = commandLine(readFileSync(join(data, 'postmaster.opts'), 'utf8'));
    const psql = join(program, '..', 'psql');
    return (await run(psql, ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', this.databaseUrl(database), '-c', statement], {})).trim();
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

function launch(dataDir: string, listen: string, { env = {}, toml }: StartOptions = {}): ChildProcess {
  const file = join(dataDir, 'tenantry.toml');
  if (toml) writeFileSync(file, toml);
  const config = toml ? ['--config', file] : [];
  return spawn(BIN, ['serve', '--listen', listen, '--data-dir', dataDir, ...config], {
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The program and the settings of `postmaster.opts`, which is written as a shell would read it. */
function commandLine(text: string): [string, string] {
  const [program] = text.split(' ');
  const settings = [...text.matchAll(/"-c" ("[^"]*")/g)].map(([, setting]) => `-c ${setting}`);
  return [program, settings.join(' ')];
}

/** Runs a command of `tenantry` on a server's data and returns what it prints. */
export function tenantry(dataDir: string, args: string[], input = ''): Promise<string> {
  return run(BIN, [...args, '--data-dir', dataDir], { env: environment() }, input);
}

function run(program: string, args: string[], options: object, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      error ? reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`)) : resolve(String(stdout)),
    );
    child.stdin?.end(input);
  });
}

/** Waits until a process has printed what matches. */
function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let [out, errors] = ['', ''];
    const fail = (why: string) => reject(new Error(`${BIN}: ${why}\n${out}\n${errors}`));
    const timer = setTimeout(() => fail('not ready in time'), START_MS);
    child.stderr?.on('data', (text) => (errors += text));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.stdout?.on('data', (text) => {
      out += text;
      const found = pattern.exec(out);
      if (found) {
        clearTimeout(timer);
        resolve(found);
      }
    });
  });
}
