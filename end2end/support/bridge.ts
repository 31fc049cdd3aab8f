import { createServer, IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { ResponseHold } from './response-hold';

/** A fake metadata bridge, which can hold responses and refuse calls. */
export class Bridge {
  private readonly records = new Map<string, { slug?: string }>();
  /** If set, holds all responses until the test releases them. */
  private currentHold?: ResponseHold;
  /** The status with which all calls are refused, if any. */
  private refusal?: number;

  private constructor(private readonly server: HttpServer) {
    server.on('request', (request, response) => void this.handle(request, response));
  }

  static async start(): Promise<Bridge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Bridge(server);
  }

  get url() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The stored record of each tenant. */
  get tenants() {
    return [...this.records.values()];
  }

  /** The stored records with this slug. */
  tenantsWithSlug = (slug: string) => this.tenants.filter((tenant) => tenant.slug === slug);

  /** Holds every response until the test calls `release` on the returned value. */
  holdResponses(): ResponseHold {
    this.currentHold = new ResponseHold();
    return this.currentHold;
  }

  /** Refuses all further calls with this status. */
  refuse(status: number) {
    this.refusal = status;
  }

  /** Stops refusing calls, and releases all held responses. */
  respondNormally() {
    this.refusal = undefined;
    this.currentHold?.release();
    this.currentHold = undefined;
  }

  async stop() {
    this.respondNormally();
    this.server.closeAllConnections?.();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse) {
    const respond = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    await this.currentHold?.released;
    const key = request.url ?? '';
    if (this.refusal) return respond(this.refusal, { error: 'refused by the test' });
    if (request.method === 'GET')
      return this.records.has(key) ? respond(200, this.records.get(key)) : respond(404, {});
    if (request.method === 'DELETE') return respond(this.records.delete(key) ? 200 : 404, {});
    let text = '';
    for await (const part of request) text += part;
    this.records.set(key, JSON.parse(text));
    return respond(200, this.records.get(key));
  }
}
