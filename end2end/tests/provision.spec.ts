import { expectOneTenant } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { expect, waitForHydration, open, reload, test } from '../support/test';

test('a submit creates a tenant and shows ten stages with their times', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await expect(form.review).toContainText(input.name);
  await expect(form.review).toContainText(input.ownerEmail);
  await expect(form.submit).toHaveText(`Provision ${input.name}`);
  await form.submitSuccessfully();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${input.name} is ready`);
  // Screen readers announce the heading that gets the focus.
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page).toHaveURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(page.getByText(/^TEN-\d{8}$/).first()).toBeVisible();
  await expect(form.stages).toHaveCount(10);
  for (const stage of await form.stages.all()) {
    await expect(stage).toHaveAttribute('data-state', 'done');
    await expect(stage.locator('.timeline-time')).toHaveText(/^\d+(\.\d+)? (ms|s)$/);
  }
  await expectOneTenant(input);
});

test('a reload hides the secret key', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submit.click();
  await expect(form.secret).toHaveText(new RegExp(`^sk_live_${input.slug.replaceAll('-', '.')}_`));
  const secret = await form.secret.innerText();

  await reload(page);
  await expect(page.getByTestId('history-detail')).toContainText(input.name);
  await expect(form.success).toHaveCount(0);
  expect(await page.content()).not.toContain(secret);
});

test('a copied key is announced, and so is a failed copy', async ({ page, context }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await form.openWith(input);
  await form.submitSuccessfully();
  const copy = page.getByRole('button', { name: 'Copy secret key' });
  // Screen readers ignore a status inside a button.
  const status = page.locator('[role=status]:not(button *)');
  await copy.click();
  await expect(status.filter({ hasText: /^Copied$/ })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await form.secret.innerText());

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('The clipboard is not available.'));
  });
  await copy.click();
  await expect(status.filter({ hasText: /^Copying failed/ })).toHaveCount(1);
});

test('leaving the page hides the secret key, also after the back button', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submit.click();
  const secret = await form.secret.innerText();
  await page.getByRole('link', { name: 'Open the history' }).click();
  await page.getByTestId('leave-confirm').click();
  await expect(page.getByTestId('history-page')).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('history-detail')).toBeVisible();
  expect(await page.content()).not.toContain(secret);
});

test('the owner sets a password with the invitation link, and a later visit says that it is set', async ({
  page,
  signedOutPage,
}) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submit.click();
  const link = await page.getByTestId('prov-invitation').locator('code').innerText();

  await open(signedOutPage, link);
  await expect(signedOutPage.getByRole('heading', { level: 1 })).toHaveText(`Welcome to ${input.name}`);
  await signedOutPage.getByLabel('Password').fill('copper lantern walks the harbour');
  await signedOutPage.getByRole('button', { name: 'Set password' }).click();
  await expect(signedOutPage.getByTestId('portal-page')).toBeVisible();

  await open(signedOutPage, link);
  await expect(signedOutPage.getByRole('heading', { level: 1 })).toHaveText(
    'You have accepted this invitation',
  );
  await open(signedOutPage, link);
  await expect(signedOutPage.getByRole('heading', { level: 1 })).toHaveText(
    'You have accepted this invitation',
  );
});

test('a short password is refused and the invitation stays valid', async ({
  page,
  signedOutPage,
  pageErrors,
}) => {
  pageErrors.expect(/422/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submit.click();
  await open(signedOutPage, await page.getByTestId('prov-invitation').locator('code').innerText());
  await signedOutPage.getByLabel('Password').fill('too short');
  await signedOutPage.getByRole('button', { name: 'Set password' }).click();
  await expect(signedOutPage.locator('.error-summary')).toContainText('15');
  await signedOutPage.getByLabel('Password').fill('copper lantern walks the harbour');
  await signedOutPage.getByRole('button', { name: 'Set password' }).click();
  await expect(signedOutPage.getByTestId('portal-page')).toBeVisible();
});

test('“Provision another” opens an empty form with a new key', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const key = await form.key.inputValue();
  await form.submit.click();
  await page.getByTestId('prov-another').click();
  await page.getByTestId('leave-confirm').click();
  await waitForHydration(page);
  await expect(form.name).toHaveValue('');
  await expect(form.slug).toHaveValue('');
  await expect(form.key).not.toHaveValue(key);
});

test('“More details” is folded away, opens for a refused field, and its values are stored', async ({
  page,
}) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const phone = page.getByLabel('Support phone');
  await expect(phone).toBeHidden();
  await form.moreDetails.getByText('More details').click();
  await phone.fill('+34 600 123 456');
  await page.getByLabel('Primary colour').fill('#ffffff');
  await form.moreDetails.getByText('More details').click();
  await expect(phone).toBeHidden();

  await form.submit.click();
  await expect(form.errorSummary).toContainText('White text is hard to read on this colour');
  await form.errorSummary.getByRole('link').click();
  await expect(page.getByLabel('Primary colour')).toBeFocused();
  await page.getByLabel('Primary colour').fill('#7C2D12');
  await form.expectSaved();

  // A restored draft shows its details.
  await reload(page);
  await expect(phone).toHaveValue('+34 600 123 456');
  await form.expectReady();
  await form.submitSuccessfully();
  await page.getByText('Request payload').click();
  await expect(page.locator('pre')).toContainText('"supportPhone": "+34 600 123 456"');
  await expect(page.locator('pre')).toContainText('"colorPrimary": "#7c2d12"');
});
