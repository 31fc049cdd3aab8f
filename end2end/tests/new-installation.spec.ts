import { expectAccessible, expectNarrow } from '../support/audit';
import { ProvisionForm } from '../support/form';
import { customer } from '../support/customer';
import { Server } from '../support/server';
import { fillSetUp } from '../support/set-up';
import { expect, hydrated, open, reload, test } from '../support/test';
import { ADMIN } from '../support/world';

/** These tests have a server each, so that nothing that they do to it disturbs the others. */
const own = test.extend<{ server: Server }>({
  server: async ({ page }, use) => {
    const server = await Server.start();
    await use(server);
    // An open page asks by itself now and then, and would find nobody.
    await page.goto('about:blank');
    await server.stop();
  },
});

own.use({ storageState: { cookies: [], origins: [] } });

own('a new installation leads from its link to the first tenant', async ({ page, server, faults }) => {
  faults.expect(/422/);
  await open(page, server.setupLink);
  await expectAccessible(page, 'set-up');
  await fillSetUp(page, 'too short');
  await expect(page.locator('.error-summary')).toBeVisible();
  await expect(page.getByLabel('Your name')).toHaveValue(ADMIN.name);
  await hydrated(page);
  await expectAccessible(page, 'set-up refused');
  await expectNarrow(page, 'set-up refused');
  await page.setViewportSize({ width: 1280, height: 900 });

  await fillSetUp(page, ADMIN.password);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await open(page, `${server.url}/provisioning`);
  await expect(page.getByText('No attempts yet')).toBeVisible();
  await expectAccessible(page, 'empty history');
  await expectNarrow(page, 'empty history');
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('link', { name: 'Provision the first tenant' }).click();
  const form = new ProvisionForm(page);
  await form.fill(customer());
  await form.expectReady();
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expect(page.getByText('TEN-00000001').first()).toBeVisible();
});

own(
  'a database that stops in the middle is said, keeps the draft, and works again by itself',
  async ({ page, server, faults }) => {
    own.setTimeout(90_000);
    faults.expect(/503/, /events/);
    await open(page, server.setupLink);
    await fillSetUp(page, ADMIN.password);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    const [form, golden] = [new ProvisionForm(page), customer()];
    await open(page, `${server.url}/provision`);
    await form.fill(golden);
    await form.expectReady();

    await server.stopDatabase();
    await form.slug.fill(`${golden.slug}-2`);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'unknown', { timeout: 20_000 });
    const refused = page.waitForResponse(
      (response) => new URL(response.url()).pathname === '/api/fn/provision',
    );
    await form.submit.click();
    expect((await refused).status()).toBe(503);
    expect((await refused).headers()['retry-after']).toMatch(/^\d+$/);
    await expect(form.error).toBeVisible({ timeout: 40_000 });
    await expect(form.errorCode).toHaveText('DATABASE_UNAVAILABLE');

    await server.startDatabase();
    await expect
      .poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 20_000 })
      .toBe(200);
    await form.retry.click();
    await expect(form.success).toBeVisible({ timeout: 20_000 });
    await expect(page.getByText(`${golden.slug}-2`).first()).toBeVisible();
    await reload(page);
    await open(page, `${server.url}/provisioning`);
    await expect(page.getByTestId('history-row')).toHaveCount(1);
  },
);
