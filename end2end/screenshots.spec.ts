import { takeScreenshots } from './support/screenshots';
import { Server } from './support/server';
import { fillSetupForm } from './support/setup-page';
import { STATES } from './support/states';
import { waitForHydration, open, test } from './support/test';
import { ADMIN } from './support/test-environment';

for (const { name, signedOut, show } of STATES) {
  test(name, async ({ page, context, pageErrors }) => {
    if (signedOut) await context.clearCookies();
    await show(page, pageErrors);
    await takeScreenshots(page, name);
  });
}

test('a new installation', async ({ signedOutPage: page, pageErrors }) => {
  pageErrors.expect(/422/);
  const server = await Server.start();
  try {
    await open(page, server.setupLink);
    await takeScreenshots(page, 'set-up');
    await fillSetupForm(page, 'too short');
    await waitForHydration(page);
    await takeScreenshots(page, 'set-up-refused');
    await fillSetupForm(page, ADMIN.password);
    await page.waitForURL(/\/provision$/);
    await open(page, `${server.url}/provisioning`);
    await takeScreenshots(page, 'history-empty');
  } finally {
    await server.stop();
  }
});
