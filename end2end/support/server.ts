import { ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
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

/** Where a server's link for the first admin is found in what it prints. */
const READY = /running at (http:\S+)[^]*?(http:\S+\/setup\/\S+)/;
const START_MS = 60_000;

/** A real server on a database of its own. */
export class Server {
  private constructor(
    readonly url: string,
    readonly setupLink: string,
    readonly dataDir: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts one on a free port of the loopback interface. */
  static async start(): Promise<Server> {
    const dataDir = mkdtempSync(join(tmpdir(), 'tenantry-e2e-'));
    // A server started by root runs PostgreSQL as another user, who must get in here.
    chmodSync(dataDir, 0o755);
    const child = spawn(BIN, ['serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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
    const ended = this.child.exitCode !== null || new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.dataDir, { recursive: true, force: true });
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
