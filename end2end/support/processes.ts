import { ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
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

/** How a process is started when it is not the usual one. */
export interface StartOptions {
  /** Settings as variables of the environment. */
  env?: Record<string, string>;
  /** What its configuration file says. */
  toml?: string;
}

const START_MS = 60_000;

/** Starts a command of `tenantry` that stays, on the data in a folder. */
export function launch(dataDir: string, args: string[], { env = {}, toml }: StartOptions = {}): ChildProcess {
  const file = join(dataDir, 'tenantry.toml');
  if (toml) writeFileSync(file, toml);
  const config = toml ? ['--config', file] : [];
  return spawn(BIN, [...args, '--data-dir', dataDir, ...config], {
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Sends a process a signal and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

/** Runs a command of `tenantry` on a server's data and returns what it prints. */
export function tenantry(dataDir: string, args: string[], input = ''): Promise<string> {
  return run(BIN, [...args, '--data-dir', dataDir], { env: environment() }, input);
}

/** Runs a program and returns what it prints. */
export function run(program: string, args: string[], options: object, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      error
        ? reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`))
        : resolve(String(stdout)),
    );
    // A program that reads nothing may be gone by now.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Waits until a process has printed what matches. */
export function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
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
