import { chromium } from '@playwright/test';
import { rmSync, writeFileSync } from 'node:fs';
import { CHROMIUM, CHROMIUM_ARGS } from './chromium';
import { fillSetupForm } from './setup-page';
import { createToken, tenantry } from './processes';
import { Server } from './server';
import { ADMIN, SESSION, shareTestEnvironment } from './test-environment';

/** Starts the shared server and creates its first admin in the browser. */
export default async function globalSetup() {
  const server = await Server.start();
  const stop = async () => {
    await server.stop();
    rmSync(SESSION, { force: true });
  };
  try {
    await setUpInBrowser(server.setupLink, SESSION);
    shareTestEnvironment({
      url: server.url,
      dataDir: server.dataDir,
      setupLink: server.setupLink,
      token: await createToken(server.dataDir, 'e2e'),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return async () => {
    try {
      // Fails if the tests broke an invariant.
      await tenantry(server.dataDir, ['verify']);
      // Fails if the audit log does not match its chain and the signed head.
      await tenantry(server.dataDir, ['audit', 'verify', '--head', `${server.dataDir}/audit-head.json`]);
    } finally {
      await stop();
    }
  };
}

/** Creates the first admin with the setup link and stores the session. */
async function setUpInBrowser(link: string, session: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(link);
    await fillSetupForm(page, ADMIN.password);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    // Store only the session, because each test has its own draft and key.
    const cookies = await page.context().cookies();
    writeFileSync(session, JSON.stringify({ cookies, origins: [] }));
  } finally {
    await browser.close();
  }
}
