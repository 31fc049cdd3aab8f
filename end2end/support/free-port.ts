import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// This range is below the ephemeral ports, which the operating system assigns to outgoing connections and to
// listeners on port 0, and below the ports of the Rust tests. While a server restarts, only another test that chooses
// the same port could take its port.
const FIRST_PORT = 12_000;
const LAST_PORT = 19_999;

/** Chooses a free port of the loopback interface for a server that starts later, or that restarts. */
export async function chooseFreePort(): Promise<number> {
  let port: number;
  do port = randomInt(FIRST_PORT, LAST_PORT + 1);
  while (!(await isFree(port)));
  return port;
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
