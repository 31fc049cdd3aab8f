import { ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tenantry');
const target = process.env.CARGO_TARGET_DIR || join(cache, 'target');
const BIN = process.env.TENANTRY_BIN || join(target, 'debug', 'tenantry');

const siteRoot = process.env.TENANTRY_SITE_ROOT || join(target, 'site');

/** The environment variables, without the developer's own settings of Tenantry. */
const environment = () => {
  const others = Object.entries(process.env).filter(([name]) => !/^(TENANTRY_|DATABASE_URL)/.test(name));
  return { ...Object.fromEntries(others), TENANTRY_SITE_ROOT: siteRoot, TENANTRY_LOG: 'warn' };
};

/** The settings of a process. */
export interface StartOptions {
  /** Environment variables. */
  env?: Record<string, string>;
  /** The content of the configuration file. */
  toml?: string;
}

const START_MS = 60_000;

/** Starts a long-running command of `tenantry` with a data directory. */
export function launch(dataDir: string, args: string[], { env = {}, toml }: StartOptions = {}): ChildProcess {
  const file = join(dataDir, 'tenantry.toml');
  if (toml) writeFileSync(file, toml);
  const config = toml ? ['--config', file] : [];
  return spawn(BIN, [...args, '--data-dir', dataDir, ...config], {
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Sends a signal to a process and waits until it exits. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exited;
}

/** Runs a command of `tenantry` with a server's data directory and returns its output. */
export function tenantry(dataDir: string, args: string[], input = ''): Promise<string> {
  return run(BIN, [...args, '--data-dir', dataDir], { env: environment() }, input);
}

/** Creates an admin token with the command line. */
export async function createToken(dataDir: string, name: string): Promise<string> {
  const created = await tenantry(dataDir, ['token', 'create', '--name', name, '--role', 'ADMIN', '--json']);
  return JSON.parse(created).token;
}

/** Runs a program and returns its output. */
export function run(program: string, args: string[], options: object, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      error
        ? reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`))
        : resolve(String(stdout)),
    );
    // A program that does not read its input may exit before the input is written.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Waits until the output of a process matches a pattern. */
export function waitForOutput(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let [out, errors] = ['', ''];
    const fail = (reason: string) => reject(new Error(`${BIN}: ${reason}\n${out}\n${errors}`));
    const timer = setTimeout(() => fail('not ready in time'), START_MS);
    child.stderr?.on('data', (text) => (errors += text));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`exited with ${code}`));
    child.stdout?.on('data', (text) => {
      out += text;
      const match = pattern.exec(out);
      if (match) {
        clearTimeout(timer);
        resolve(match);
      }
    });
  });
}
