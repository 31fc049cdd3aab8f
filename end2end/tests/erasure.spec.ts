import { createTenant, deleteTenant } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { previewErasure } from '../support/erasure-page';
import { newTenantInput } from '../support/new-tenant-input';
import { expect, open, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

test('a super admin sees what would be erased, confirms and erases', async ({ page, pageErrors }) => {
  const input = newTenantInput();
  await createTenant(input);
  await open(page, '/audit');
  await page.getByTestId('audit-erase').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Erase a person');

  await previewErasure(page, input.ownerEmail);
  const refused = page.getByTestId('erasure-refused');
  await expect(refused).toContainText(`${input.name} (TEN-`);
  await refused.getByRole('link', { name: 'Open the tenant' }).click();
  await expect(page.getByTestId('tenant-detail')).toContainText(input.name);
  await deleteTenant(input.slug);

  await previewErasure(page, input.ownerEmail);
  const places = page.getByTestId('erasure-places');
  await expect(places).toContainText('Account');
  await expect(places).toContainText('Provisioning requests');
  await expect(page.getByText('External systems such as Odoo are not changed.')).toBeVisible();
  pageErrors.expect(/422/);
  await page.getByLabel('Reference').fill('DSR-2026-014');
  await page.getByLabel('Type the address to confirm').fill('somebody@example.com');
  await page.getByTestId('erasure-submit').click();
  await expect(page.locator('.error-summary')).toContainText(`Type ${input.ownerEmail}`);
  await expect(page.getByLabel('Reference')).toHaveValue('DSR-2026-014');
  await page.getByLabel('Type the address to confirm').fill(input.ownerEmail);
  await page.getByTestId('erasure-submit').click();
  await expect(page.getByTestId('erasure-done')).toContainText('erased-');
  expect(page.url()).not.toContain(input.ownerEmail);

  await previewErasure(page, input.ownerEmail);
  await expect(page.getByTestId('erasure-nothing')).toBeVisible();
  await open(page, '/audit');
  await expect(page.getByTestId('audit-entries')).toContainText('erased the person erased-');
});

test('an admin who is not a super admin cannot erase', async ({ signedOutPage: page, pageErrors }) => {
  pageErrors.expect(/403/);
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('ADMIN'));
  await open(page, '/audit/erase');
  await signIn(page, email, password);
  await expect(page.getByTestId('erasure-page')).toContainText('Your role');
  await expect(page.getByTestId('erasure-form')).toHaveCount(0);
  await open(page, '/audit');
  await expect(page.getByTestId('audit-entries')).toBeVisible();
  await expect(page.getByTestId('audit-erase')).toHaveCount(0);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the page shows what would be erased, and erases', async ({ page, pageErrors }) => {
    // Without JavaScript, the browser reports the module scripts of a page as blocked.
    pageErrors.expect(/\/pkg\/\S+\.js csp$/);
    const input = newTenantInput();
    await createTenant(input);
    await deleteTenant(input.slug);
    await page.goto('/audit/erase');
    await page.getByLabel('E-mail address').fill(input.ownerEmail);
    await page.getByTestId('erasure-preview').click();
    await page.getByLabel('Type the address to confirm').fill(input.ownerEmail);
    await page.getByTestId('erasure-submit').click();
    await expect(page.getByTestId('erasure-done')).toContainText('erased-');
  });
});
