import { Page } from '@playwright/test';
import { createTenant, postTenant, rotateKey, listKeys } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { newTenantInput, NewTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { title } from '../support/request-page';
import { expect, open, reload, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

const secret = (page: Page) => page.getByTestId('prov-secret-key').locator('code');
const link = (page: Page) => page.getByTestId('prov-invitation').locator('code');
const leaveDialog = (page: Page) => page.getByTestId('leave-dialog');

/** Creates a tenant with the API and opens the page of its request. */
async function openTenant(page: Page, input: NewTenantInput = newTenantInput()) {
  const created = await createTenant(input);
  await open(page, `/provisioning/${created.requestId}`);
  return created;
}

/** Opens the dialog for a new secret key or invitation link, and confirms. */
async function replace(page: Page, replaced: 'new-secret-key' | 'new-invitation-link') {
  await page.getByTestId(`req-${replaced}`).click();
  await page.getByTestId(`${replaced}-confirm`).click();
}

test('a new secret key is shown once and ends the current key', async ({ page }) => {
  const { tenant } = await openTenant(page);
  await expect(page.getByTestId('req-public-key')).toHaveText(tenant.apiKeyPublic);
  await replace(page, 'new-secret-key');
  await expect(secret(page)).toHaveText(/^sk_live_/);
  await expect(page.getByTestId('new-secret-key-dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Copy secret key' })).toBeFocused();
  const [current, replaced] = await listKeys(tenant.slug);
  expect([current.status, replaced.status]).toEqual(['active', 'expired']);
  await expect(page.getByTestId('req-public-key')).toHaveText(current.publicKey);
  await expect(page.getByTestId('history-detail')).toContainText('API key replaced');

  const shown = await secret(page).innerText();
  await reload(page);
  await expect(secret(page)).toHaveCount(0);
  expect(await page.content()).not.toContain(shown);
});

test('the current key can keep working for a chosen time', async ({ page }) => {
  const { tenant } = await openTenant(page);
  await page.getByTestId('req-new-secret-key').click();
  await page.getByLabel('The current key stops working').selectOption('In 24 hours');
  await page.getByTestId('new-secret-key-confirm').click();
  await expect(secret(page)).toBeVisible();
  expect((await listKeys(tenant.slug)).map(({ status }) => status)).toEqual(['active', 'expiring']);
});

test('a new invitation link is shown once and ends the former link', async ({
  page,
  signedOutPage,
  pageErrors,
}) => {
  pageErrors.expect(/404/);
  const { owner } = await openTenant(page);
  await expect(page.getByTestId('req-invitation')).toHaveText('Waiting for the owner');
  await replace(page, 'new-invitation-link');
  await expect(page.getByRole('button', { name: 'Copy invitation link' })).toBeFocused();
  const shown = await link(page).innerText();
  expect(shown).not.toBe(owner.invitationUrl);
  await expect(page.getByTestId('history-detail')).toContainText('Invitation sent again');

  await open(signedOutPage, owner.invitationUrl);
  await expect(signedOutPage.getByLabel('Password')).toHaveCount(0);
  await open(signedOutPage, shown);
  await signedOutPage.getByLabel('Password').fill('copper lantern walks the harbour');
  await signedOutPage.getByRole('button', { name: 'Set password' }).click();
  await expect(signedOutPage.getByTestId('portal-page')).toBeVisible();

  await reload(page);
  await expect(page.getByTestId('req-invitation')).toHaveText('Accepted');
  await expect(page.getByTestId('req-new-invitation-link')).toHaveCount(0);
});

test('a key that another admin has replaced is refused, and the current key can be replaced', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/409/);
  const { tenant } = await openTenant(page);
  await rotateKey(tenant.slug);
  await replace(page, 'new-secret-key');
  await expect(page.getByTestId('new-secret-key-failure')).toContainText('KEY_REPLACED');
  const [current] = await listKeys(tenant.slug);
  await expect(page.getByTestId('req-public-key')).toHaveText(current.publicKey);
  await page.getByTestId('new-secret-key-confirm').click();
  await expect(secret(page)).toHaveText(/^sk_live_/);
});

test('only admins can replace keys and links, and only those of an existing tenant', async ({
  page,
  signedOutPage,
}) => {
  const input = newTenantInput();
  const { requestId } = await openTenant(page, input);
  await expect(page.getByTestId('req-new-secret-key')).toBeVisible();
  const refused = await (await postTenant({ ...newTenantInput(), slug: input.slug })).json();
  await open(page, `/provisioning/${refused.requestId}`);
  await expect(page.getByTestId('prov-error-code')).toHaveText('DUPLICATE_SLUG');
  await expect(page.getByTestId('req-new-secret-key')).toHaveCount(0);

  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(signedOutPage, `/provisioning/${requestId}`);
  await signIn(signedOutPage, email, password);
  await expect(title(signedOutPage)).toContainText(input.name);
  await expect(signedOutPage.getByTestId('req-new-secret-key')).toHaveCount(0);
});

test('a link asks for confirmation on a page with a secret that is not copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submitSuccessfully();
  const history = page.getByRole('link', { name: 'Open the history' });
  await history.click();
  await expect(leaveDialog(page)).toBeVisible();
  await page.getByTestId('leave-stay').click();
  await expect(leaveDialog(page)).toBeHidden();
  await expect(form.secret).toBeVisible();

  await page.getByRole('button', { name: 'Copy secret key' }).click();
  await history.click();
  // The invitation link is not copied.
  await expect(leaveDialog(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Copy invitation link' }).click();
  await expect(page.getByText('Copied').first()).toBeVisible();
  await history.click();
  await expect(page.getByTestId('history-page')).toBeVisible();
});

test('the back button asks for confirmation on a page with a secret that is not copied', async ({ page }) => {
  const { requestId } = await createTenant(newTenantInput());
  await open(page, '/health');
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect(page.getByTestId('history-page')).toBeVisible();
  await page.locator(`a[href$="${requestId}"]`).first().click();
  await replace(page, 'new-secret-key');
  await expect(secret(page)).toBeVisible();
  for (const answer of ['leave-stay', 'leave-stay', 'leave-confirm']) {
    await expect(secret(page)).toBeVisible();
    await expect(page).toHaveURL(new RegExp(requestId));
    await page.evaluate(() => history.back());
    await page.getByTestId(answer).click();
  }
  await expect(page.getByTestId('history-page')).toBeVisible();
  await expect(page).toHaveURL(/\/provisioning$/);
  await page.goBack();
  await expect(page.getByTestId('health-page')).toBeVisible();
});

test('the browser asks before it reloads a page with a secret that is not copied', async ({ page }) => {
  await openTenant(page);
  await replace(page, 'new-secret-key');
  await expect(secret(page)).toBeVisible();
  const questions: string[] = [];
  page.on('dialog', (dialog) => {
    questions.push(dialog.type());
    return dialog.dismiss();
  });
  await page.evaluate(() => void setTimeout(() => location.reload()));
  await expect.poll(() => questions).toEqual(['beforeunload']);
  await expect(secret(page)).toBeVisible();

  // One click selects the whole key.
  await secret(page).click();
  await page.keyboard.press('Control+c');
  await reload(page);
  await expect(secret(page)).toHaveCount(0);
  expect(questions).toHaveLength(1);
});
