import { ChildProcess } from 'node:child_process';
import { launch, StartOptions, stopProcess, waitForOutput } from './processes';
import { Server } from './server';

/** A real `tenantry worker` process. */
export class Worker {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts a worker with the server's data and waits until it runs. */
  static async start({ dataDir }: Server, options: StartOptions): Promise<Worker> {
    const child = launch(dataDir, ['worker'], options);
    await waitForOutput(child, /Workers running/);
    return new Worker(child);
  }

  /** Kills the worker with SIGKILL and waits until it exits. */
  kill = () => stopProcess(this.child, 'SIGKILL');

  /** Stops the worker, which releases its current step. */
  stop = () => stopProcess(this.child);
}
