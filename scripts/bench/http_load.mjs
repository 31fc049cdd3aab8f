// A minimal HTTP/1.1 keep-alive client on raw sockets. The client shares the processors with the measured
// server, so it does as little work as possible.

import { connect } from 'node:net';

import { summary } from './statistics.mjs';

const HEAD_END = Buffer.from('\r\n\r\n');

export class Connection {
  constructor(port, token) {
    this.headers = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`;
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.received = Buffer.alloc(0);
    this.socket.on('data', (chunk) => this.receive(chunk));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  get(path) {
    return this.send(`GET ${path} HTTP/1.1\r\n${this.headers}\r\n`);
  }

  /** Sends one request and resolves to `{ status, body }`. Requests must not overlap. */
  send(text) {
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
      this.socket.write(text);
    });
  }

  receive(chunk) {
    this.received = this.received.length ? Buffer.concat([this.received, chunk]) : chunk;
    const headEnd = this.received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.received.toString('latin1', 0, headEnd);
    const length = /^content-length: (\d+)/im.exec(head);
    if (!length) return this.fail(new Error(`the response has no Content-Length: ${head}`));
    const end = headEnd + HEAD_END.length + Number(length[1]);
    if (this.received.length < end) return;
    const body = this.received.subarray(headEnd + HEAD_END.length, end);
    this.received = this.received.subarray(end);
    this.settle('resolve', { status: Number(head.slice(9, 12)), body });
  }

  fail(error) {
    this.settle('reject', error);
  }

  settle(method, value) {
    const { pending } = this;
    this.pending = undefined;
    pending?.[method](value);
  }

  close() {
    this.socket.destroy();
  }
}

/**
 * Sends requests from `clients` connections for `seconds`. Each connection sends its next request when the
 * previous response has arrived. `request(connection)` sends one request; a status other than `expected`
 * aborts the run.
 */
export async function runLoad({ port, token }, clients, seconds, expected, request) {
  const connections = Array.from({ length: clients }, () => new Connection(port, token));
  const latencies = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  const client = async (connection) => {
    for (let sent = performance.now(); sent < end;) {
      const { status, body } = await request(connection);
      if (status !== expected) throw new Error(`status ${status}: ${body}`);
      const now = performance.now();
      latencies.push(now - sent);
      sent = now;
    }
  };
  try {
    await Promise.all(connections.map(client));
  } finally {
    connections.forEach((connection) => connection.close());
  }
  return { latencies, seconds: (performance.now() - began) / 1000 };
}

/**
 * Runs loads alternately, so that other load on the machine affects all of them. Each load is a function of the
 * seconds that it takes. Resolves to the summary of each load.
 */
export async function runAlternately(loads, { rounds, seconds }) {
  for (const run of loads) await run(1);
  const runs = loads.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, run] of loads.entries()) runs[index].push(await run(seconds));
  }
  return runs.map(summary);
}
