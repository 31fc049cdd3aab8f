import { expectOneTenant, createTenant } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { expect, signIn, test } from '../support/test';
import { ADMIN } from '../support/test-environment';

test.use({ javaScriptEnabled: false });

test.beforeEach(async ({ page, pageErrors }) => {
  // Without JavaScript, the browser reports the module scripts of a page as blocked.
  pageErrors.expect(/\/pkg\/\S+\.js csp$/);
  await page.goto('/provision');
});

test('without JavaScript a form post creates a tenant and shows its secret once', async ({
  page,
  context,
}) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await context.clearCookies();
  await page.goto('/provision');
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/provision$/);
  await form.fill(input);
  await form.slug.fill(input.slug);
  await form.submitSuccessfully();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${input.name} is ready`);
  await expect(form.secret).toHaveText(/^sk_live_/);
  await expectOneTenant(input);
});

test('without JavaScript a repeated form post creates no second tenant', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.fill(input);
  await form.slug.fill(input.slug);
  await form.submit.click();
  await expect(form.secret).toBeVisible();
  await page.reload();
  await expect(form.success).toBeVisible();
  await expect(form.secret).toHaveCount(0);
  await expectOneTenant(input);
});

test('without JavaScript all invalid fields are listed and the input is kept', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/422/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.name.fill(input.name);
  await form.slug.fill('Golden--Spoon');
  await form.ownerEmail.fill('mira');
  await page.locator('#plan').selectOption('lite');
  await form.submit.click();
  await expect(form.errorSummary.getByRole('listitem')).toHaveCount(3);
  await form.expectValues({ name: input.name, slug: 'Golden--Spoon', ownerName: '', ownerEmail: 'mira' });
  await expect(page.locator('#plan')).toHaveValue('lite');

  await form.fill(input);
  await form.slug.fill(input.slug);
  await form.submitSuccessfully();
  await expectOneTenant(input);
});

test('without JavaScript a taken slug is refused in the form, with its tenant and available slugs', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/409/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  const { tenant } = await createTenant({ ...newTenantInput(), slug: input.slug });
  await form.fill(input);
  await form.slug.fill(input.slug);
  await form.submit.click();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');
  await expect(form.error).toContainText(`${input.name} was not created: 1 field to fix`);
  await form.expectValues(input);
  await expect(form.slug).toHaveAttribute('aria-invalid', 'true');
  await expect(form.slugStatus.getByRole('link', { name: tenant.code })).toBeVisible();
  await expect(page.getByText(`Available: ${input.slug}-2, `)).toBeVisible();
  await expect(form.suggestions.first()).toBeHidden();

  await page.getByRole('link', { name: 'This attempt in the history' }).click();
  await page.getByRole('link', { name: 'Open as a draft' }).click();
  await form.expectValues(input);
  await form.slug.fill(`${input.slug}-2`);
  await form.submitSuccessfully();
  await expectOneTenant(input);
});

test('without JavaScript the history is listed, filtered and opened', async ({ page }) => {
  const input = newTenantInput();
  await createTenant(input);
  await page.goto('/provisioning');
  await page.getByTestId('history-search').fill(input.slug);
  await page.getByTestId('history-apply').click();
  await expect(page.getByTestId('history-row')).toHaveCount(1);
  await page.getByRole('link', { name: 'Failed' }).click();
  await expect(page.getByTestId('history-row')).toHaveCount(0);
  await expect(page).toHaveURL(/status=failed/);
  await page.goto(`/provisioning?q=${input.slug}`);
  await page.getByRole('link', { name: input.name }).click();
  await expect(page.getByTestId('prov-stage')).toHaveCount(10);
});

test('without JavaScript, a page shows no button that does nothing', async ({ page }) => {
  const { requestId, tenant } = await createTenant(newTenantInput());
  const tenantPage = `/tenants/${tenant.code}`;
  const forms = ['settings', 'branding', 'terms'].map((form) => `${tenantPage}?edit=${form}`);
  for (const path of [
    '/provision',
    '/provisioning',
    `/provisioning/${requestId}`,
    tenantPage,
    ...forms,
    '/health',
  ]) {
    await page.goto(path);
    for (const button of await page.locator('button:visible').all()) {
      const workingButton = '[type=submit], [popovertarget=menu]';
      const working = button.and(page.locator(workingButton));
      await expect(working, `${path}: ${await button.innerHTML()}`).toHaveCount(1);
    }
  }
});
