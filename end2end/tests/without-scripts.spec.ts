import { expectOneTenant, make } from '../support/api';
import { customer } from '../support/customer';
import { ProvisionForm } from '../support/form';
import { expect, signIn, test } from '../support/test';
import { ADMIN } from '../support/world';

test.use({ javaScriptEnabled: false, storageState: { cookies: [], origins: [] } });

test.beforeEach(async ({ page, faults }) => {
  // A browser without scripts refuses to fetch them.
  faults.expect(/\/pkg\/\S+\.js csp$/);
  await page.goto('/provision');
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/provision$/);
});

test('without scripts a form post makes a tenant and shows its secret once', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.fill(golden);
  await form.slug.fill(golden.slug);
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${golden.name} is ready`);
  await expect(form.secret).toHaveText(/^sk_live_/);
  await expectOneTenant(golden);
});

test('without scripts posting the same page again makes no second tenant', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.fill(golden);
  await form.slug.fill(golden.slug);
  await form.submit.click();
  await expect(form.secret).toBeVisible();
  await page.reload();
  await expect(form.success).toBeVisible();
  await expect(form.secret).toHaveCount(0);
  await expectOneTenant(golden);
});

test('without scripts every field at fault is named and what was typed is kept', async ({ page, faults }) => {
  faults.expect(/422/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.name.fill(golden.name);
  await form.slug.fill('Golden--Spoon');
  await form.ownerEmail.fill('mira');
  await page.locator('#plan').selectOption('lite');
  await form.submit.click();
  await expect(form.errorSummary.getByRole('link')).toHaveCount(3);
  await form.expectHolds({ name: golden.name, slug: 'Golden--Spoon', ownerName: '', ownerEmail: 'mira' });
  await expect(page.locator('#plan')).toHaveValue('lite');

  await form.fill(golden);
  await form.slug.fill(golden.slug);
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});

test('without scripts a taken slug is refused with its code', async ({ page, faults }) => {
  faults.expect(/409/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await make({ ...customer(), slug: golden.slug });
  await form.fill(golden);
  await form.slug.fill(golden.slug);
  await form.submit.click();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');
});

test('without scripts the history is listed, filtered and opened', async ({ page }) => {
  const golden = customer();
  await make(golden);
  await page.goto('/provisioning');
  await page.getByTestId('history-search').fill(golden.slug);
  await page.getByTestId('history-apply').click();
  await expect(page.getByTestId('history-row')).toHaveCount(1);
  await page.getByRole('link', { name: 'Failed' }).click();
  await expect(page.getByTestId('history-row')).toHaveCount(0);
  await expect(page).toHaveURL(/status=failed/);
  await page.goto(`/provisioning?q=${golden.slug}`);
  await page.getByRole('link', { name: golden.name }).click();
  await expect(page.getByTestId('prov-stage')).toHaveCount(10);
});
