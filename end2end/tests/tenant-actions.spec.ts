import { Page } from '@playwright/test';
import { changeOwnerAccount, createTenant, createTenantWithoutOwner, listKeys } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { newTenantInput, NewTenantInput } from '../support/new-tenant-input';
import { expectUsableAtAllWidths } from '../support/page-checks';
import { expect, open, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Creates a tenant with the API and opens its page. */
async function openTenant(page: Page, input: NewTenantInput = newTenantInput()) {
  const created = await createTenant(input);
  await open(page, `/tenants/${created.tenant.code}`);
  return { ...created, input };
}

async function suspend(page: Page, reason: string) {
  await page.getByTestId('tenant-suspend').click();
  await page.getByTestId('suspend-reason').fill(reason);
  await page.getByTestId('tenant-suspend-confirm').click();
}

async function deleteTenant(page: Page, slug: string) {
  await page.getByTestId('tenant-delete').click();
  await page.getByTestId('delete-slug').fill(slug);
  await page.getByTestId('tenant-delete-confirm').click();
}

async function nameOwner(page: Page, name: string, email: string) {
  await page.getByTestId('tenant-owner').click();
  await page.getByTestId('owner-name').fill(name);
  await page.getByTestId('owner-email').fill(email);
  await page.getByTestId('tenant-owner-confirm').click();
}

test('an admin suspends a tenant with a reason, and resumes it', async ({ page, pageErrors }) => {
  pageErrors.expect(/422/);
  await openTenant(page);
  await page.getByTestId('tenant-suspend').click();
  await expect(page.getByTestId('tenant-suspend-dialog')).toContainText('1 API key is refused.');
  await page.getByTestId('tenant-suspend-confirm').click();
  await expect(page.getByTestId('tenant-suspend-failure')).toContainText('VALIDATION_ERROR');
  await expect(page.getByTestId('suspend-reason')).toBeFocused();
  await expect(page.getByTestId('suspend-reason')).toHaveAttribute('aria-invalid', 'true');
  await page.getByTestId('suspend-reason').fill('The invoice is unpaid.');
  await expect(page.getByTestId('tenant-suspend-failure')).toHaveCount(0);
  await page.getByTestId('tenant-suspend-confirm').click();
  await expect(heading(page)).toContainText('Suspended');
  await expect(heading(page)).toBeFocused();
  await expect(page.getByRole('status').filter({ hasText: 'The tenant is suspended.' })).toBeAttached();
  await expect(page.getByTestId('tenant-suspend')).toHaveCount(0);

  await page.getByTestId('tenant-resume').click();
  await expect(heading(page)).toContainText('Active');
  await expect(heading(page)).toBeFocused();
  await expect(page.getByTestId('tenant-notice')).toHaveCount(0);
});

test('an admin deletes a tenant with its slug, and restores it', async ({ page }) => {
  const { input } = await openTenant(page);
  await page.getByTestId('tenant-delete').click();
  await expect(page.getByTestId('tenant-delete-confirm')).toBeDisabled();
  await page.getByTestId('delete-slug').fill(`${input.slug}x`);
  await expect(page.getByTestId('tenant-delete-confirm')).toBeDisabled();
  await page.getByRole('button', { name: 'Keep tenant' }).click();
  await expect(page.getByTestId('tenant-delete')).toBeFocused();
  await deleteTenant(page, input.slug);
  await expect(heading(page)).toContainText('Deleted');
  await expect(page.getByTestId('tenant-notice')).toContainText('It can be restored before its purge, due');
  await expect(page.getByTestId('tenant-delete')).toHaveCount(0);

  await page.getByTestId('tenant-restore').click();
  await expect(heading(page)).toContainText('Active');
  await expect(page.getByTestId('tenant-delete')).toBeVisible();
});

test('after a refusal because the tenant has changed, the page shows the refusal and the current tenant', async ({
  page,
  secondTab,
  pageErrors,
}) => {
  pageErrors.expect(/409/);
  const { tenant } = await openTenant(page);
  await open(secondTab, `/tenants/${tenant.code}`);
  await suspend(secondTab, 'Somebody was faster.');
  await expect(heading(secondTab)).toContainText('Suspended');
  await suspend(page, 'Too late.');
  await expect(page.getByTestId('tenant-refusal')).toContainText('INVALID_TRANSITION');
  await expect(page.getByTestId('tenant-refusal')).toContainText('Only an active tenant can be suspended.');
  await expect(page.getByTestId('tenant-refusal')).toBeFocused();
  await expect(heading(page)).toContainText('Suspended');
  await expect(page.getByTestId('tenant-suspension')).toContainText('Somebody was faster.');
  await page.getByTestId('tenant-resume').click();
  await expect(page.getByTestId('tenant-refusal')).toHaveCount(0);
});

test('an admin names the owner of a tenant without one, and sees the link once', async ({
  page,
  signedOutPage,
  pageErrors,
}) => {
  pageErrors.expect(/422/);
  const input = newTenantInput();
  const { tenant } = await createTenantWithoutOwner(input);
  await open(page, `/tenants/${tenant.code}`);
  await nameOwner(page, '', 'nobody');
  const items = page.getByTestId('tenant-owner-failure').getByRole('listitem');
  await expect(items).toHaveCount(2);
  await expect(page.getByTestId('owner-name')).toBeFocused();
  await page.getByTestId('owner-name').fill(input.ownerName);
  await page.getByTestId('owner-email').fill(input.ownerEmail);
  await page.getByTestId('tenant-owner-confirm').click();
  await expect(page.getByRole('button', { name: 'Copy invitation link' })).toBeFocused();
  await expect(page.locator('#owner')).toContainText(input.ownerEmail);
  await expect(page.getByTestId('tenant-owner')).toHaveText('Transfer ownership…');
  const link = await page.getByTestId('prov-invitation').locator('code').innerText();
  await open(signedOutPage, link);
  await expect(signedOutPage.getByLabel('Password')).toBeVisible();
});

test('the ownership can be transferred to an account that exists', async ({ page, pageErrors }) => {
  pageErrors.expect(/409/);
  const other = newTenantInput();
  await createTenant(other);
  await openTenant(page);
  await nameOwner(page, other.ownerName, other.ownerEmail);
  await expect(page.getByTestId('tenant-owner-failure')).toContainText('EMAIL_UNAVAILABLE');
  await page.getByTestId('tenant-owner-use-existing').click();
  await expect(page.locator('#owner')).toContainText(other.ownerEmail);
});

test('the address of the owner changes, and the new invitation link is shown once', async ({
  page,
  signedOutPage,
  pageErrors,
}) => {
  pageErrors.expect(/409|422|404/);
  const other = newTenantInput();
  await createTenant(other);
  const { owner, input } = await openTenant(page);
  const dialog = page.getByTestId('tenant-owner-account-dialog');
  const email = page.getByTestId('owner-account-email');
  const confirm = page.getByTestId('tenant-owner-account-confirm');
  const failure = page.getByTestId('tenant-owner-account-failure');
  await page.getByTestId('tenant-owner-account').click();
  await expect(dialog).toContainText('every tenant of this account');
  await expect(dialog).toContainText('the former links stop working');
  await expect(email).toHaveValue(input.ownerEmail);
  await expect(page.getByTestId('owner-account-name')).toHaveValue(input.ownerName);
  await expect(confirm).toBeDisabled();
  await email.fill('nobody');
  await confirm.click();
  await expect(failure).toContainText('VALIDATION_ERROR');
  await expect(email).toBeFocused();
  await email.fill(other.ownerEmail);
  await confirm.click();
  await expect(failure).toContainText('EMAIL_UNAVAILABLE');
  await email.fill(`new-${input.ownerEmail}`);
  await confirm.click();
  await expect(page.getByRole('button', { name: 'Copy invitation link' })).toBeFocused();
  await expect(page.locator('#owner')).toContainText(`new-${input.ownerEmail}`);
  const link = await page.getByTestId('prov-invitation').locator('code').innerText();
  await open(signedOutPage, link);
  await expect(signedOutPage.getByLabel('Password')).toBeVisible();
  const former = await signedOutPage.goto(owner.invitationUrl);
  expect(former?.status()).toBe(404);

  // Without a new address, the link stays as it is. Only what was typed is sent: meanwhile, another admin has changed
  // the address again.
  await page.getByTestId('tenant-owner-account').click();
  await page.getByTestId('owner-account-name').fill('Nova Ray');
  await changeOwnerAccount(input.slug, { email: `newest-${input.ownerEmail}` });
  await confirm.click();
  await expect(page.locator('#owner')).toContainText('Nova Ray');
  await expect(page.locator('#owner')).toContainText(`newest-${input.ownerEmail}`);
  await expect(heading(page)).toBeFocused();
});

test('an admin creates, replaces and revokes API keys', async ({ page, pageErrors }) => {
  pageErrors.expect(/409/);
  const { tenant, input } = await openTenant(page);
  const keys = page.getByRole('region', { name: 'API keys' });
  await page.getByTestId('tenant-key-create').click();
  await page.getByTestId('key-name').fill('Default');
  await page.getByTestId('tenant-key-create-confirm').click();
  await expect(page.getByTestId('tenant-key-create-dialog')).toContainText('has this name');
  await page.getByTestId('key-name').fill('Website');
  await page.getByTestId('tenant-key-create-confirm').click();
  const secret = page.getByTestId('prov-secret-key').locator('code');
  await expect(secret).toHaveText(/^sk_live_/);
  await expect(page.getByRole('button', { name: 'Copy secret key' })).toBeFocused();
  await expect(keys.locator('tbody tr')).toHaveCount(2);
  await page.getByRole('link', { name: 'Tenants', exact: true }).first().click();
  await page.getByTestId('leave-stay').click();
  const created = await secret.innerText();

  await keys.getByRole('button', { name: 'Rotate… Website' }).click();
  await page.getByLabel('The current key stops working').selectOption('In 24 hours');
  await page.getByTestId('tenant-key-rotate-confirm').click();
  await expect(secret).not.toHaveText(created);
  await expect(keys).toContainText('Works until');

  await keys.getByRole('button', { name: 'Revoke… Default' }).click();
  await expect(page.getByTestId('tenant-key-revoke-dialog')).toContainText(tenant.apiKeyPublic);
  await page.getByTestId('tenant-key-revoke-confirm').click();
  await expect(keys.getByRole('button', { name: 'Revoke… Default' })).toHaveCount(0);
  const statuses = (await listKeys(input.slug)).map(({ status }) => status);
  expect(statuses).toEqual(['active', 'expiring', 'revoked']);
});

test('viewers see no actions', async ({ signedOutPage: page }) => {
  const { tenant } = await createTenant(newTenantInput());
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(page, `/tenants/${tenant.code}`);
  await signIn(page, email, password);
  await expect(page.locator('#keys')).toContainText('1 key works.');
  for (const action of ['suspend', 'delete', 'owner', 'owner-account', 'key-create'])
    await expect(page.getByTestId(`tenant-${action}`)).toHaveCount(0);
});

test('the dialogs and notices are accessible in both themes and at 320 px', async ({ page }) => {
  const { input } = await openTenant(page);
  for (const action of ['suspend', 'delete', 'owner', 'owner-account', 'key-create', 'key-rotate']) {
    await page.getByTestId(`tenant-${action}`).click();
    await expectUsableAtAllWidths(page, `tenant-${action}`);
    await page.keyboard.press('Escape');
  }
  await suspend(page, 'The invoice is unpaid.');
  await page.getByTestId('tenant-resume').waitFor();
  await expectUsableAtAllWidths(page, 'tenant-suspended');
  await deleteTenant(page, input.slug);
  await page.getByTestId('tenant-restore').waitFor();
  await expectUsableAtAllWidths(page, 'tenant-deleted');
});
