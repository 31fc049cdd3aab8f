import { createTenant, suspendTenant } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { newTenantInput } from '../support/new-tenant-input';
import { expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { Server } from '../support/server';
import { expect, open, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

test('a change is found, with who made it and its values before and after', async ({ page }) => {
  const input = newTenantInput();
  await createTenant(input);
  await suspendTenant(input.slug);
  await open(page, '/audit');
  await page.getByTestId('audit-search').fill(input.slug);
  await page.getByTestId('audit-apply').click();
  const entries = page.getByTestId('audit-entries').getByRole('listitem');
  await expect(entries).toHaveCount(2);
  const suspended = entries.first();
  await expect(suspended).toContainText(`suspended ${input.name}`);
  const status = suspended.locator('dl > div').filter({ hasText: 'Status' });
  await expect(status.locator('.before')).toHaveText('Active');
  await expect(status.locator('.after')).toHaveText('Suspended');
  await expect(entries.last()).toContainText(`provisioned ${input.name}`);

  await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Tenant suspended' });
  await page.getByTestId('audit-apply').click();
  await expect(entries).toHaveCount(1);
  await page.getByRole('link', { name: 'API keys', exact: true }).click();
  await expect(page.getByText('No matching entries')).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await expect(page).toHaveURL(/\/audit$/);
  await expect(entries.first()).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/^audit.*\.csv$/);
  await expectUsableAtAllWidths(page, 'audit log');
  await resetViewport(page);
});

test('a viewer cannot read the audit log', async ({ signedOutPage: page, pageErrors }) => {
  pageErrors.expect(/403/);
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(page, '/audit');
  await signIn(page, email, password);
  await expect(page.getByTestId('audit-page')).toContainText('Your role');
  await expect(page.getByTestId('audit-entries')).toHaveCount(0);
});

test.describe('with a log that somebody changes in the database', () => {
  test('the page names what does not match, in both themes and at all widths', async ({
    signedOutPage: page,
  }) => {
    test.setTimeout(60_000);
    const server = await Server.startWithAdmin();
    try {
      await open(page, `${server.url}/audit`);
      const { email, password } = await createEmployee(server.dataDir, newEmployee('ADMIN'));
      await signIn(page, email, password);
      const chain = page.getByTestId('audit-chain');
      // The server has verified the log after its start.
      await expect(chain).toContainText('Chain verified', { timeout: 20_000 });

      await server.sql(
        `ALTER TABLE tenantry.audit_log DISABLE TRIGGER USER; UPDATE tenantry.audit_log SET actor_name = 'Nobody' WHERE id = 1`,
      );
      await page.getByRole('button', { name: 'Verify now' }).click();
      await expect(chain).toContainText('The log does not match its chain', { timeout: 20_000 });
      await expect(page.getByTestId('audit-findings')).toHaveText('Entry 1 (position 1) was changed.');
      await expectUsableAtAllWidths(page, 'audit log with findings');
    } finally {
      await page.context().close();
      await server.stop();
    }
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the page lists entries and verifies the log', async ({ page, pageErrors }) => {
    // Without JavaScript, the browser reports the module scripts of a page as blocked.
    pageErrors.expect(/\/pkg\/\S+\.js csp$/);
    await page.goto('/audit');
    await expect(page.getByTestId('audit-entries').getByRole('listitem').first()).toBeVisible();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await expect(page).toHaveURL(/\/audit$/);
    await expect(async () => {
      await page.reload();
      await expect(page.getByTestId('audit-chain')).toContainText('Chain verified', { timeout: 500 });
    }).toPass();
  });
});
