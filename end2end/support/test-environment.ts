import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The server that all tests share. */
export interface TestEnvironment {
  url: string;
  dataDir: string;
  /** The setup link for the first admin. The global setup uses the link, so it is no longer valid. */
  setupLink: string;
  /** An admin token for the JSON API. */
  token: string;
}

const NAME = 'E2E_ENVIRONMENT';

export const shareTestEnvironment = (environment: TestEnvironment) =>
  (process.env[NAME] = JSON.stringify(environment));

export const testEnvironment = (): TestEnvironment => JSON.parse(process.env[NAME] ?? '{}');

/** The file with the first admin's session. */
export const SESSION = (process.env.E2E_SESSION ??= join(tmpdir(), `tenantry-e2e-${process.pid}.json`));

export const ADMIN = {
  name: 'Ada Kim',
  email: 'ada@platform.example',
  password: 'lantern otter velvet quarry 9',
};
