import { expectAccessible, expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { ProvisionForm } from '../support/provision-form';
import { newTenantInput } from '../support/new-tenant-input';
import { Server } from '../support/server';
import { fillSetupForm } from '../support/setup-page';
import { expect, leavePages, open, reload, SIGNED_OUT, test, waitForHydration } from '../support/test';
import { ADMIN } from '../support/test-environment';

/** Each of these tests has its own server. */
const installationTest = test.extend<{ server: Server }>({
  server: async ({ context }, use) => {
    const server = await Server.start();
    await use(server);
    await leavePages(context);
    await server.stop();
  },
});

installationTest.use({ storageState: SIGNED_OUT });
installationTest.setTimeout(360_000);

installationTest(
  'an admin can set up a new installation and provision the first tenant',
  async ({ page, server, pageErrors }) => {
    pageErrors.expect(/422/);
    await open(page, server.setupLink);
    await expectAccessible(page, 'set-up');
    await fillSetupForm(page, 'too short');
    await expect(page.locator('.error-summary')).toBeVisible();
    await expect(page.getByLabel('Your name')).toHaveValue(ADMIN.name);
    await waitForHydration(page);
    await expectUsableAtAllWidths(page, 'set-up refused');
    await resetViewport(page);

    await fillSetupForm(page, ADMIN.password);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    // A page that is left while its code is downloaded reports an error.
    await page.waitForLoadState('networkidle');
    await open(page, `${server.url}/provisioning`);
    await expect(page.getByText('No requests yet')).toBeVisible();
    await expectUsableAtAllWidths(page, 'empty history');
    await resetViewport(page);
    await page.getByRole('link', { name: 'Provision the first tenant' }).click();
    await new ProvisionForm(page).provision(newTenantInput());
    await expect(page.getByText('TEN-00000001').first()).toBeVisible();
  },
);

installationTest(
  'a stopped database is reported, and the draft can be submitted after a restart of the database',
  async ({ page, server, pageErrors }) => {
    pageErrors.expect(/503/, /events/);
    await open(page, server.setupLink);
    await fillSetupForm(page, ADMIN.password);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    // A page that is left while its code is downloaded reports an error.
    await page.waitForLoadState('networkidle');
    const [form, input] = [new ProvisionForm(page), newTenantInput()];
    await open(page, `${server.url}/provision`);
    await form.fill(input);
    await form.expectReady();

    await server.stopDatabase();
    await form.slug.fill(`${input.slug}-2`);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'unknown', { timeout: 40_000 });
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
      .poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 40_000 })
      .toBe(200);
    await form.retry.click();
    await expect(form.success).toBeVisible({ timeout: 40_000 });
    await expect(page.getByText(`${input.slug}-2`).first()).toBeVisible();
    await reload(page);
    await open(page, `${server.url}/provisioning`);
    await expect(page.getByTestId('history-row')).toHaveCount(1);
  },
);
