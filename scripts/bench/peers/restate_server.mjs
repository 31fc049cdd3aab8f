// A temporary Restate server.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { load } from './harness.mjs';

const START_MS = 30_000;
const NODE = 'bench';

/** A server with its default settings and a temporary directory, which listens on Unix sockets in this directory. */
export class RestateServer {
  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'tenantry-bench-restate-'));
    this.agent = new Agent({ keepAlive: true });
  }

  async start() {
    const program = load.resolve(
      `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
    );
    const args = ['--base-dir', this.directory, '--node-name', NODE, '--listen-mode', 'unix', '--no-logo'];
    this.server = spawn(program, args, {
      env: {
        ...process.env,
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_ADMIN__DISABLE_WEB_UI: 'true',
        RESTATE_LOG_FILTER: 'error',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const end = performance.now() + START_MS;
    while (!(await this.isReady())) {
      if (this.server.exitCode !== null) throw new Error('Restate exited');
      if (performance.now() > end) throw new Error('Restate did not become ready');
      await sleep(50);
    }
  }

  async isReady() {
    if (!['admin', 'ingress'].every((api) => existsSync(this.socket(api)))) return false;
    return this.send('ingress', 'GET', '/restate/health').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  socket(api) {
    return join(this.directory, NODE, `${api}.sock`);
  }

  async post(api, path, body) {
    const { status, text } = await this.send(api, 'POST', path, body && JSON.stringify(body));
    if (status >= 300) throw new Error(`${path}: status ${status}: ${text}`);
  }

  send(api, method, path, body = '') {
    const headers = body
      ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
      : {};
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.socket(api), agent: this.agent, method, path, headers };
      const call = request(options, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      });
      call.once('error', reject);
      call.end(body);
    });
  }

  async remove() {
    const ended = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.kill('SIGKILL');
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
