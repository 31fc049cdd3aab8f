import { AddressInfo, connect, createServer, NetConnectOpts, Server as Listener, Socket } from 'node:net';

/** A call is held before it has reached the other side, or when that has done it and answers. */
export type Moment = 'before' | 'after';

/** The next call in which these words stand, and whether it is held by now. */
export interface HeldCall {
  readonly words: string;
  readonly moment: Moment;
  reached: boolean;
}

/**
 * A line to another system, on which a call can be held until whoever calls is gone. It carries every protocol in
 * which one side asks and the other answers: HTTP, and PostgreSQL's.
 */
export class FaultProxy {
  private readonly plans = new Set<HeldCall>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly listener: Listener,
    private readonly target: NetConnectOpts,
  ) {
    listener.on('connection', (caller) => this.carry(caller));
  }

  static async to(target: NetConnectOpts): Promise<FaultProxy> {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return new FaultProxy(listener, target);
  }

  get host() {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Holds the next call that says these words. */
  hold(words: string, moment: Moment): Readonly<HeldCall> {
    const plan = { words, moment, reached: false };
    this.plans.add(plan);
    return plan;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private carry(caller: Socket) {
    const other = connect(this.target);
    let [call, isAnswered] = ['', true];
    let held: HeldCall | undefined;
    caller.on('data', (part) => {
      call = (isAnswered ? '' : call) + part.toString('latin1');
      isAnswered = false;
      held ??= this.planned(call);
      if (held?.moment === 'before') held.reached = true;
      else other.write(part);
    });
    other.on('data', (part) => {
      isAnswered = true;
      if (held) held.reached = true;
      else caller.write(part);
    });
    this.keep(caller, () => other.destroy());
    // Whoever is held shall not learn that there is no answer to come.
    this.keep(other, () => held || caller.end());
  }

  /** What is planned for a call; used up by that. */
  private planned(call: string): HeldCall | undefined {
    const plan = [...this.plans].find(({ words }) => call.includes(words));
    if (plan) this.plans.delete(plan);
    return plan;
  }

  private keep(socket: Socket, closed: () => void) {
    this.sockets.add(socket);
    // That connections break is what happens here.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      closed();
    });
  }
}
