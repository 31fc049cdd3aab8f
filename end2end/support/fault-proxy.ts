import { AddressInfo, connect, createServer, NetConnectOpts, Server as Listener, Socket } from 'node:net';

/** Whether to hold a call before the target receives it, or to hold the target's response. */
export type Moment = 'before' | 'after';

/** A hold on the next call that contains `text`. */
export interface HeldCall {
  readonly text: string;
  readonly moment: Moment;
  /** Whether the call has reached the moment and is held. */
  reached: boolean;
}

/**
 * A TCP proxy that can hold a call until the client disconnects. The proxy works for protocols in which the
 * client sends a request and waits for the response, such as HTTP and the protocol of PostgreSQL.
 */
export class FaultProxy {
  private readonly pending = new Set<HeldCall>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly listener: Listener,
    private readonly target: NetConnectOpts,
  ) {
    listener.on('connection', (client) => this.forward(client));
  }

  static async start(target: NetConnectOpts): Promise<FaultProxy> {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return new FaultProxy(listener, target);
  }

  get host() {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Holds the next call that contains `text`. */
  hold(text: string, moment: Moment): Readonly<HeldCall> {
    const call = { text, moment, reached: false };
    this.pending.add(call);
    return call;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private forward(client: Socket) {
    const server = connect(this.target);
    let [request, hasResponse] = ['', true];
    let held: HeldCall | undefined;
    client.on('data', (part) => {
      request = (hasResponse ? '' : request) + part.toString('latin1');
      hasResponse = false;
      held ??= this.takePending(request);
      if (held?.moment === 'before') held.reached = true;
      else server.write(part);
    });
    server.on('data', (part) => {
      hasResponse = true;
      if (held) held.reached = true;
      else client.write(part);
    });
    this.track(client, () => server.destroy());
    // The client of a held call must keep waiting.
    this.track(server, () => held || client.end());
  }

  /** Removes and returns the pending call that matches a request. */
  private takePending(request: string): HeldCall | undefined {
    const call = [...this.pending].find(({ text }) => request.includes(text));
    if (call) this.pending.delete(call);
    return call;
  }

  private track(socket: Socket, onClose: () => void) {
    this.sockets.add(socket);
    // Broken connections are expected.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      onClose();
    });
  }
}
