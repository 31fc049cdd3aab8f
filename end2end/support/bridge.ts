import { createServer, IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Gate } from './form';

/** A metadata bridge, as far as Tenantry knows one, that misbehaves on request. */
export class Bridge {
  private readonly records = new Map<string, unknown>();
  /** What each call waits for. */
  private gate?: Gate;
  /** What each call is refused with. */
  private refusal?: number;

  private constructor(private readonly server: HttpServer) {
    server.on('request', (request, response) => void this.answer(request, response));
  }

  static async start(): Promise<Bridge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Bridge(server);
  }

  get url() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What it was told of each tenant. */
  get tenants() {
    return [...this.records.values()];
  }

  /** How many tenants it was told of. */
  get size() {
    return this.records.size;
  }

  /** Holds back every answer until the gate that it returns is opened. */
  hold(): Gate {
    this.gate = new Gate();
    return this.gate;
  }

  /** Refuses every call with this status from now on. */
  refuse(status: number) {
    this.refusal = status;
  }

  /** Answers as it should from now on. */
  behave() {
    this.refusal = undefined;
    this.gate?.release();
    this.gate = undefined;
  }

  async stop() {
    this.behave();
    this.server.closeAllConnections?.();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const say = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    await this.gate?.opened;
    const key = request.url ?? '';
    if (this.refusal) return say(this.refusal, { error: 'not now' });
    if (request.method === 'GET')
      return this.records.has(key) ? say(200, this.records.get(key)) : say(404, {});
    if (request.method === 'DELETE') return say(this.records.delete(key) ? 200 : 404, {});
    let text = '';
    for await (const part of request) text += part;
    this.records.set(key, JSON.parse(text));
    return say(200, this.records.get(key));
  }
}
