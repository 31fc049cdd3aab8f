import { expectOneTenant } from '../support/api';
import { customer } from '../support/customer';
import { ProvisionForm } from '../support/form';
import { expect, hydrated, open, reload, test } from '../support/test';

test('a filled form becomes a tenant, with ten stages and their times', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await expect(form.review).toContainText(golden.name);
  await expect(form.review).toContainText(golden.ownerEmail);
  await expect(form.submit).toHaveText(`Provision ${golden.name}`);
  await form.submit.click();

  await expect(form.success).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${golden.name} is ready`);
  await expect(page).toHaveURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(page.getByText(/^TEN-\d{8}$/).first()).toBeVisible();
  await expect(form.stages).toHaveCount(10);
  for (const stage of await form.stages.all()) {
    await expect(stage).toHaveAttribute('data-state', 'done');
    await expect(stage.locator('.timeline-time')).toHaveText(/^\d+(\.\d+)? (ms|s)$/);
  }
  await expectOneTenant(golden);
});

test('the secret key is shown once: a reload forgets it', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.click();
  await expect(form.secret).toHaveText(new RegExp(`^sk_live_${golden.slug.replaceAll('-', '.')}_`));
  const secret = await form.secret.innerText();

  await reload(page);
  await expect(page.getByTestId('history-detail')).toContainText(golden.name);
  await expect(form.success).toHaveCount(0);
  expect(await page.content()).not.toContain(secret);
});

test('leaving the page forgets the secret, also for the back button', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.click();
  const secret = await form.secret.innerText();
  await page.getByRole('link', { name: 'Open the history' }).click();
  await expect(page.getByTestId('history-page')).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('history-detail')).toBeVisible();
  expect(await page.content()).not.toContain(secret);
});

test('the invitation link takes the owner’s own password, once', async ({ page, stranger, faults }) => {
  faults.expect(/404/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.click();
  const link = await page.getByTestId('prov-invitation').locator('code').innerText();

  await open(stranger, link);
  await expect(stranger.getByRole('heading', { level: 1 })).toHaveText(`Welcome to ${golden.name}`);
  await stranger.getByLabel('Password').fill('copper lantern walks the harbour');
  await stranger.getByRole('button', { name: 'Set my password' }).click();
  await expect(stranger.getByRole('heading', { level: 1 })).toHaveText('Your password is set');

  await open(stranger, link);
  await expect(stranger.getByRole('heading', { level: 1 })).toHaveText(
    'This invitation is used or out of date',
  );
});

test('a password that is too short is refused and the invitation stays good', async ({
  page,
  stranger,
  faults,
}) => {
  faults.expect(/422/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.click();
  await open(stranger, await page.getByTestId('prov-invitation').locator('code').innerText());
  await stranger.getByLabel('Password').fill('too short');
  await stranger.getByRole('button', { name: 'Set my password' }).click();
  await expect(stranger.locator('.error-summary')).toContainText('15');
  await stranger.getByLabel('Password').fill('copper lantern walks the harbour');
  await stranger.getByRole('button', { name: 'Set my password' }).click();
  await expect(stranger.getByRole('heading', { level: 1 })).toHaveText('Your password is set');
});

test('“provision another” gives an empty form with a new key', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  const key = await form.key.inputValue();
  await form.submit.click();
  await page.getByTestId('prov-another').click();
  await hydrated(page);
  await expect(form.name).toHaveValue('');
  await expect(form.slug).toHaveValue('');
  expect(await form.key.inputValue()).not.toBe(key);
});
