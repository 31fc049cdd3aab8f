import { chromium } from '@playwright/test';
import { rmSync, writeFileSync } from 'node:fs';
import { CHROMIUM, CHROMIUM_ARGS } from './chromium';
import { fillSetUp } from './set-up';
import { tenantry } from './processes';
import { Server } from './server';
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
    const made = await tenantry(server.dataDir, [
      'token',
      'create',
      '--name',
      'e2e',
      '--role',
      'ADMIN',
      '--json',
    ]);
    shareWorld({
      url: server.url,
      dataDir: server.dataDir,
      setupLink: server.setupLink,
      token: JSON.parse(made).token,
    });
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
async function setUpInBrowser(link: string, session: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(link);
    await fillSetUp(page, ADMIN.password);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    // The session alone: a draft with its key belongs to one test.
    const cookies = await page.context().cookies();
    writeFileSync(session, JSON.stringify({ cookies, origins: [] }));
  } finally {
    await browser.close();
  }
}
