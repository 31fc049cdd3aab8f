import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What every test knows of the server that all of them share. */
export interface World {
  url: string;
  dataDir: string;
  /** The first admin's link, used up before the first test. */
  setupLink: string;
  /** An admin token for the JSON API. */
  token: string;
}

const NAME = 'E2E_WORLD';

export const shareWorld = (world: World) => (process.env[NAME] = JSON.stringify(world));

export const world = (): World => JSON.parse(process.env[NAME] ?? '{}');

/** Where the first admin's session is kept. */
export const SESSION = (process.env.E2E_SESSION ??= join(tmpdir(), `tenantry-e2e-${process.pid}.json`));

export const ADMIN = {
  name: 'Ada Kim',
  email: 'ada@platform.example',
  password: 'lantern otter velvet quarry 9',
};
