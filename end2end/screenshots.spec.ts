import { shoot } from './support/pictures';
import { Server } from './support/server';
import { fillSetUp } from './support/set-up';
import { STATES } from './support/states';
import { hydrated, open, test } from './support/test';
import { ADMIN } from './support/world';

for (const { name, signedOut, show } of STATES) {
  test(name, async ({ page, context, faults }) => {
    if (signedOut) await context.clearCookies();
    await show(page, faults);
    await shoot(page, name);
  });
}

test('a new installation', async ({ stranger: page, faults }) => {
  faults.expect(/422/);
  const server = await Server.start();
  try {
    await open(page, server.setupLink);
    await shoot(page, 'set-up');
    await fillSetUp(page, 'too short');
    await hydrated(page);
    await shoot(page, 'set-up-refused');
    await fillSetUp(page, ADMIN.password);
    await page.waitForURL(/\/provision$/);
    await open(page, `${server.url}/provisioning`);
    await shoot(page, 'history-empty');
  } finally {
    await server.stop();
  }
});
