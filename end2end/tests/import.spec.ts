import { createEmployee, newEmployee } from '../support/employee';
import { chooseFiles, importFiles, uploadForDryRun } from '../support/import-page';
import { expect, open, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

test('a dry run lists the problems first, and the button imports the rest', async ({ page }) => {
  const { tag, owners, files } = importFiles();
  await uploadForDryRun(page, files, owners);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Dry run of clients.tar.gz');
  const rows = page.getByTestId('import-row');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(0)).toContainText(`wrong-${tag}/client.yaml`);
  await expect(rows.nth(0)).toContainText('line 3, column 13');
  await expect(rows.nth(0).locator('[data-at]')).toHaveText('  currency: EURO');
  await expect(rows.nth(1)).toContainText('Needs owner');
  await expect(page.getByText('1 file is not imported')).toBeVisible();

  await page.getByRole('group', { name: 'Filters' }).getByRole('link', { name: 'Refused' }).click();
  await expect(page).toHaveURL(/action=refused/);
  await expect(rows).toHaveCount(1);
  await page.getByTestId('import-search').fill('currency');
  await page.getByTestId('import-apply').click();
  await expect(page).toHaveURL(/q=currency.*action=refused|action=refused.*q=currency/);
  await expect(rows).toHaveCount(1);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toBe('import-report.csv');

  await page.getByTestId('import-start').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Import of clients.tar.gz');
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: `owned-${tag}` })).toContainText('Created');
  await rows
    .filter({ hasText: `owned-${tag}` })
    .getByRole('link', { name: /TEN-/ })
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`Golden Spoon ${tag}`);
  await expect(page.getByTestId('tenant-detail')).toContainText('Active');

  await uploadForDryRun(page, files, owners);
  await expect(page.getByTestId('import-row').filter({ hasText: `owned-${tag}` })).toContainText('Unchanged');
  await expect(page.getByTestId('import-start')).toHaveCount(0);
});

test('a refused archive is named on the form', async ({ page, pageErrors }) => {
  pageErrors.expect(/422/);
  await open(page, '/import');
  await chooseFiles(page, { 'readme.txt': 'x' });
  await page.getByTestId('import-submit').click();
  await expect(page.getByRole('alert')).toContainText('The archive contains no <tenant_id>/client.yaml');
  await expect(page.getByLabel('Archive')).toHaveAttribute('aria-invalid', 'true');
});

test('a literal secret is refused and not shown', async ({ page }) => {
  const { tag, files } = importFiles();
  const secret = `infrastructure:\n  smtp_password: hunter2-${tag}\n`;
  await uploadForDryRun(page, { [`secret-${tag}/client.yaml`]: `${Object.values(files)[0]}${secret}` });
  const row = page.getByTestId('import-row');
  await expect(row).toContainText('infrastructure.smtp_password is a secret in plain text');
  await expect(row.locator('[data-at]')).toHaveText('  smtp_password: ••••••••');
  expect(await page.content()).not.toContain('hunter2');
});

test('a viewer cannot import', async ({ signedOutPage: page, pageErrors }) => {
  pageErrors.expect(/403/);
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(page, '/import');
  await signIn(page, email, password);
  await expect(page.getByTestId('import-page')).toContainText('Your role');
  await expect(page.getByTestId('import-form')).toHaveCount(0);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the page uploads, shows the report and imports', async ({ page, pageErrors }) => {
    // Without JavaScript, the browser reports the module scripts of a page as blocked.
    pageErrors.expect(/\/pkg\/\S+\.js csp$/);
    const { tag, owners, files } = importFiles();
    await page.goto('/import');
    await chooseFiles(page, files, owners);
    await page.getByTestId('import-submit').click();
    const reload = async (text: string) =>
      expect(async () => {
        await page.reload();
        await expect(page.getByTestId('import-row').filter({ hasText: text })).toHaveCount(1, {
          timeout: 500,
        });
        await expect(page.getByTestId('import-progress')).toHaveCount(0, { timeout: 500 });
      }).toPass();
    await reload(`wrong-${tag}`);
    await page.getByTestId('import-start').click();
    await reload(`owned-${tag}`);
    await expect(page.getByTestId('import-row').filter({ hasText: `owned-${tag}` })).toContainText('TEN-');
  });
});
