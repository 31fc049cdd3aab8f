import { chromium } from '@playwright/test';
import { rmSync } from 'node:fs';
import { CHROMIUM, CHROMIUM_ARGS } from './chromium';
import { Server, tenantry } from './server';
import { ADMIN, SESSION, shareWorld } from './world';

/** Starts the server that the tests share and makes its first admin, in the browser. */
export default async function globalSetup() {
  const server = await Server.start();
  const stop = async () => {
    await server.stop();
    rmSync(SESSION, { force: true });
  };
  try {
    await setUpInBrowser(server.setupLink, SESSION);
    const made = await tenantry(server.dataDir, ['token', 'create', '--name', 'e2e', '--role', 'ADMIN', '--json']);
    shareWorld({ url: server.url, dataDir: server.dataDir, setupLink: server.setupLink, token: JSON.parse(made).token });
  } catch (error) {
    await stop();
    throw error;
  }
  return async () => {
    try {
      // Whatever the tests did: no invariant may be broken.
      await tenantry(server.dataDir, ['verify']);
    } finally {
      await stop();
    }
  };
}

/** Makes the first admin by its link and keeps the session that this opens. */
export async function setUpInBrowser(link: string, session: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(link);
    await page.getByLabel('Your name').fill(ADMIN.name);
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Create the super admin' }).click();
    await page.getByTestId('history-page').waitFor();
    await page.context().storageState({ path: session });
  } finally {
    await browser.close();
  }
}
