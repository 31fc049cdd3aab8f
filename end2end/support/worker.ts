import { ChildProcess } from 'node:child_process';
import { end, launch, printed, StartOptions } from './processes';
import { Server } from './server';

/** A real `tenantry worker`, in a process of its own beside a server. */
export class Worker {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts one with the server's configuration, and waits until it works. */
  static async start({ dataDir }: Server, options: StartOptions): Promise<Worker> {
    const child = launch(dataDir, ['worker'], options);
    await printed(child, /Workers running/);
    return new Worker(child);
  }

  /** SIGKILL; it is gone when this returns. */
  kill = () => end(this.child, 'SIGKILL');

  /** Has it hand back what it has in hand and end. */
  stop = () => end(this.child);
}
