import { Page } from '@playwright/test';
import { changePart, changeTenant, createTenant, deleteTenant, readTenant } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { newTenantInput } from '../support/new-tenant-input';
import { expectUsableAtAllWidths } from '../support/page-checks';
import { TenantForm } from '../support/tenant-form';
import { expect, open, reload, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Creates a tenant with the API, and opens one of its forms. */
async function openForm(page: Page, name: 'settings' | 'branding' | 'terms') {
  const [form, input] = [new TenantForm(page, name), newTenantInput()];
  const { tenant } = await createTenant(input);
  await form.open(tenant.code);
  return { form, tenant, input };
}

test('the settings are saved, and shown after a reload', async ({ page }) => {
  const { form, input } = await openForm(page, 'settings');
  await expect(form.control('companyName')).toBeFocused();
  await expect(form.control('companyName')).toHaveValue(input.name);
  await form.fill({
    companyName: 'Golden Spoon Ltd',
    supportEmail: ' help@golden.example ',
    supportPhone: '+34 600 123 456',
    websiteUrl: 'https://golden.example/menu',
    locale: 'EN-gb',
    emailFromName: 'Golden Spoon',
    emailFromAddress: 'post@bücher.example',
  });
  await form.control('timeZone').selectOption('Europe/Madrid');
  await form.control('currency').selectOption('EUR');
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  await expect(page.getByTestId('tenant-form-saved')).toBeVisible();
  await expect(form.editLink).toBeFocused();
  await expect(page.getByRole('status').filter({ hasText: 'The settings are saved.' })).toBeAttached();
  await reload(page);
  const settings = page.locator('#settings');
  for (const text of [
    'Golden Spoon Ltd',
    'help@golden.example',
    '+34 600 123 456',
    'en-GB',
    'Europe/Madrid',
    'EUR',
  ])
    await expect(settings).toContainText(text);
  expect((await readTenant(input.slug)).settings).toMatchObject({
    emailFromAddress: 'post@xn--bcher-kva.example',
  });

  // An empty field has no value.
  await form.editLink.click();
  await form.fill({ supportPhone: '', websiteUrl: '' });
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  await expect(settings).not.toContainText('+34');
  expect((await readTenant(input.slug)).settings).toMatchObject({ supportPhone: null, websiteUrl: null });
});

test('all problems of the settings are listed at once, and nothing that was typed is lost', async ({
  page,
}) => {
  const { form } = await openForm(page, 'settings');
  await form.fill({
    companyName: ' ',
    supportEmail: 'help@',
    supportPhone: 'call me',
    locale: 'english',
    websiteUrl: 'golden',
  });
  await form.save.click();
  await expect(form.errorSummary).toBeFocused();
  await expect(form.errorSummary.getByRole('listitem')).toHaveCount(5);
  await expect(form.control('supportPhone')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.control('supportPhone')).toHaveValue('call me');
  await form.errorSummary.getByRole('link').first().click();
  await expect(form.control('companyName')).toBeFocused();
  await form.control('companyName').fill('Golden Spoon');
  await expect(form.errorSummary.getByRole('listitem')).toHaveCount(4);
  await form.cancel.click();
  await expect(form.form).toHaveCount(0);
  await expect(form.editLink).toBeFocused();
  await form.editLink.click();
  await expect(form.control('supportPhone')).toHaveValue('');
});

test('a problem that only the server finds is shown at its field', async ({ page, pageErrors }) => {
  pageErrors.expect(/422/);
  const { form } = await openForm(page, 'settings');
  // The browser has no list of time zones.
  await form.control('timeZone').evaluate((select: HTMLSelectElement) => {
    select.add(new Option('Nowhere', 'Europe/Nowhere'));
    select.value = 'Europe/Nowhere';
  });
  await form.fill({ supportPhone: '+34 600' });
  await form.save.click();
  await expect(form.errorSummary).toContainText('This time zone does not exist.');
  await expect(form.errorSummary).toContainText('VALIDATION_ERROR');
  await expect(form.control('timeZone')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.control('supportPhone')).toHaveValue('+34 600');
});

test('the branding is saved, with the colours of the theme unless others are chosen', async ({ page }) => {
  const { form, input } = await openForm(page, 'branding');
  await expect(form.control('colorPrimary')).toHaveValue('');
  await form.control('theme').selectOption('ocean');
  await form.fill({ colorSecondary: '#6B21A8', logoUrl: 'https://golden.example/logo.svg' });
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  await reload(page);
  for (const text of ['ocean', '#075985', '#6b21a8', '#06b6d4', 'https://golden.example/logo.svg'])
    await expect(page.locator('#branding')).toContainText(text);
  expect((await readTenant(input.slug)).branding).toMatchObject({ theme: 'ocean', colorPrimary: '#075985' });
  await form.editLink.click();
  await expect(form.control('colorPrimary')).toHaveValue('');
  await expect(form.control('colorSecondary')).toHaveValue('#6b21a8');
});

test('a colour on which white text is hard to read is refused while it is typed', async ({ page }) => {
  const { form } = await openForm(page, 'branding');
  await form.control('colorPrimary').fill('#ffff00');
  await expect(form.form).toContainText('White text is hard to read on this colour.');
  await expect(form.control('colorPrimary')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.errorSummary).toHaveCount(0);
  await form.control('colorAccent').fill('#ffff00');
  await form.control('colorSecondary').fill('blue');
  await form.save.click();
  await expect(form.errorSummary.getByRole('listitem')).toHaveCount(2);
  await form.fill({ colorPrimary: '#1d4ed8', colorSecondary: '#1d4ed8' });
  await form.save.click();
  await expect(form.form).toHaveCount(0);
});

test('the name, the plan, the limits, the commission and the trial are saved', async ({ page }) => {
  const { form, input } = await openForm(page, 'terms');
  await form.fill({
    name: 'Silver Spoon',
    shortName: 'Spoon',
    commission: '12,5',
    trialEndsAt: '2099-12-31',
  });
  await form.control('plan').selectOption('enterprise');
  await form.fill({ 'quotas.maxUsers': '7', 'quotas.maxStorageGb': 'unlimited' });
  await form.save.click();
  await expect(heading(page)).toContainText('Silver Spoon');
  await expect(form.editLink).toBeFocused();
  await reload(page);
  await expect(page.getByTestId('tenant-detail')).toContainText('Enterprise plan');
  await expect(page.getByRole('meter', { name: 'Users' })).toHaveAttribute('aria-valuemax', '7');
  await expect(page.getByRole('meter', { name: 'Storage' })).toHaveCount(0);
  await expect(page.getByTestId('tenant-detail')).toContainText('12.5%');
  expect(await readTenant(input.slug)).toMatchObject({
    shortName: 'Spoon',
    plan: 'enterprise',
    quotaOverrides: { maxUsers: 7, maxStorageGb: null },
    trialEndsAt: '2099-12-31T23:59:59.999Z',
  });

  await form.editLink.click();
  await expect(form.control('commission')).toHaveValue('12.5');
  await expect(form.control('quotas.maxStorageGb')).toHaveValue('unlimited');
  await form.fill({ shortName: '', 'quotas.maxUsers': '', 'quotas.maxStorageGb': '', trialEndsAt: '' });
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  expect(await readTenant(input.slug)).toMatchObject({
    shortName: null,
    quotaOverrides: {},
    trialEndsAt: null,
  });
});

test('invalid terms are refused in the browser', async ({ page }) => {
  const { form } = await openForm(page, 'terms');
  await form.fill({ name: '', commission: '101', 'quotas.maxUsers': 'many', trialEndsAt: 'tomorrow' });
  await form.save.click();
  await expect(form.errorSummary.getByRole('listitem')).toHaveCount(4);
  await expect(form.control('quotas.maxUsers')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.control('trialEndsAt')).toHaveValue('tomorrow');
});

test('the features of a tenant can be switched on and off', async ({ page }) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  await changeTenant(input.slug, { features: { reports: true, exports: false } });
  const form = new TenantForm(page, 'terms');
  await form.open(tenant.code);
  await expect(form.control('features.reports')).toHaveValue('on');
  await form.control('features.reports').selectOption('Off');
  await form.control('features.exports').selectOption('As in the plan');
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  expect((await readTenant(input.slug)).featureOverrides).toEqual({ reports: false });
});

test('if somebody else has changed the settings, both values are shown, and the admin chooses', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/412/);
  const { form, input } = await openForm(page, 'settings');
  await changePart(input.slug, 'settings', { supportEmail: 'other@golden.example', supportPhone: '+34 1' });
  await form.fill({ supportEmail: 'mine@golden.example', websiteUrl: 'https://mine.example' });
  await form.save.click();
  await expect(form.conflict).toBeFocused();
  await expect(form.conflict).toContainText('Somebody else has changed the settings meanwhile');
  await expect(form.conflict.locator('tbody tr')).toHaveCount(3);
  await expect(form.control('supportEmail')).toHaveValue('mine@golden.example');

  // Input that follows the conflict is kept.
  await form.fill({ supportEmail: 'later@golden.example' });
  await page.getByTestId('tenant-form-keep').click();
  await expect(form.control('supportEmail')).toHaveValue('later@golden.example');

  await page.getByTestId('tenant-form-load').click();
  await expect(form.control('supportEmail')).toHaveValue('other@golden.example');
  await expect(form.conflict).toContainText('mine@golden.example');
  await page.getByTestId('tenant-form-keep').click();
  await expect(form.control('supportEmail')).toHaveValue('mine@golden.example');
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  expect((await readTenant(input.slug)).settings).toMatchObject({
    supportEmail: 'mine@golden.example',
    supportPhone: null,
  });
});

test('two editors of the terms do not overwrite each other', async ({ page, secondTab, pageErrors }) => {
  pageErrors.expect(/412/);
  const { form, tenant, input } = await openForm(page, 'terms');
  const other = new TenantForm(secondTab, 'terms');
  await other.open(tenant.code);
  await other.fill({ commission: '5' });
  await other.save.click();
  await expect(other.form).toHaveCount(0);
  await form.fill({ shortName: 'Spoon' });
  await form.save.click();
  await expect(form.conflict).toContainText('Commission');
  await page.getByTestId('tenant-form-load').click();
  await form.fill({ shortName: 'Spoon' });
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  expect(await readTenant(input.slug)).toMatchObject({ shortName: 'Spoon', commissionPercent: 5 });
});

test('another action of the same admin is no conflict', async ({ page }) => {
  const { form, input } = await openForm(page, 'terms');
  await form.fill({ commission: '5' });
  await page.getByTestId('tenant-suspend').click();
  await page.getByTestId('suspend-reason').fill('Unpaid.');
  await page.getByTestId('tenant-suspend-confirm').click();
  await expect(heading(page)).toContainText('Suspended');
  await expect(form.control('commission')).toHaveValue('5');
  await expect(form.conflict).toHaveCount(0);
  await form.save.click();
  await expect(form.form).toHaveCount(0);
  expect((await readTenant(input.slug)).commissionPercent).toBe(5);
});

test('if somebody else has made the same change, the form says that it is saved', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/412/);
  const { form, input } = await openForm(page, 'settings');
  await form.fill({ supportEmail: 'same@golden.example' });
  await changePart(input.slug, 'settings', { supportEmail: 'same@golden.example' });
  await form.save.click();
  await expect(form.conflict).toBeFocused();
  await expect(form.conflict).toContainText('Your input is already saved');
});

test('input stays in the form while another action loads the tenant again', async ({ page }) => {
  const { form } = await openForm(page, 'settings');
  await form.fill({ supportPhone: '+34 600 123' });
  await page.getByTestId('tenant-suspend').click();
  await page.getByTestId('suspend-reason').fill('Unpaid.');
  await page.getByTestId('tenant-suspend-confirm').click();
  await expect(heading(page)).toContainText('Suspended');
  await expect(form.control('supportPhone')).toHaveValue('+34 600 123');
  await form.save.click();
  await expect(page.locator('#settings')).toContainText('+34 600 123');
});

test('a form of a tenant that was deleted meanwhile says so', async ({ page, pageErrors }) => {
  pageErrors.expect(/404/);
  const { form, input } = await openForm(page, 'settings');
  await deleteTenant(input.slug);
  await form.fill({ supportPhone: '+34 600 123' });
  await form.save.click();
  await expect(page.getByTestId('tenant-refusal')).toContainText('TENANT_NOT_FOUND');
  await expect(heading(page)).toContainText('Deleted');
  await expect(form.form).toHaveCount(0);
  await expect(form.editLink).toHaveCount(0);
});

test('the page of a suspended tenant shows when and why, and that of a deleted one until when it can be restored', async ({
  page,
}) => {
  const { form, input } = await openForm(page, 'settings');
  await form.cancel.click();
  await expect(form.form).toHaveCount(0);
  await page.getByTestId('tenant-suspend').click();
  await page.getByTestId('suspend-reason').fill('Invoice 2026-0912 is overdue.');
  await page.getByTestId('tenant-suspend-confirm').click();
  await expect(page.getByTestId('tenant-suspension')).toContainText(
    /Suspended .+\. Reason: Invoice 2026-0912 is overdue\./,
  );
  expect((await readTenant(input.slug)).suspensionReason).toBe('Invoice 2026-0912 is overdue.');
  await deleteTenant(input.slug);
  await reload(page);
  await expect(page.getByTestId('tenant-detail')).toContainText('Restorable until');
  for (const name of ['settings', 'branding', 'terms'])
    await expect(page.locator(`#edit-link-${name}`)).toHaveCount(0);
});

test('the slug is changed in a dialog that checks it, and the former slug still leads to the tenant', async ({
  page,
}) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  const taken = newTenantInput();
  await createTenant(taken);
  await open(page, `/tenants/${tenant.code}`);
  await page.getByTestId('tenant-slug').click();
  const [slug, status] = [page.getByTestId('new-slug'), page.getByTestId('tenant-slug-status')];
  await expect(page.getByTestId('tenant-slug-dialog')).toContainText(
    `No other tenant can have ${input.slug}.`,
  );
  await expect(page.getByTestId('tenant-slug-confirm')).toBeDisabled();
  await slug.fill('Not a slug');
  await expect(status).toHaveAttribute('data-state', 'invalid');
  await slug.fill(taken.slug);
  await expect(status).toHaveAttribute('data-state', 'taken');
  const suggestion = page.getByTestId('tenant-slug-suggestion').first();
  const chosen = await suggestion.innerText();
  await suggestion.click();
  await expect(status).toHaveAttribute('data-state', 'available');
  await page.getByTestId('tenant-slug-confirm').click();
  await expect(page.getByTestId('tenant-slug-dialog')).toBeHidden();
  await expect(heading(page)).toBeFocused();
  expect((await readTenant(tenant.code)).slug).toBe(chosen);
  await open(page, `/tenants/${input.slug}`);
  await expect(page).toHaveURL(new RegExp(`/tenants/${tenant.code}$`));

  // The former slug is available for this tenant.
  await page.getByTestId('tenant-slug').click();
  await slug.fill(input.slug);
  await expect(status).toHaveAttribute('data-state', 'available');
});

test('a slug that was taken meanwhile is refused in the dialog', async ({ page, pageErrors }) => {
  pageErrors.expect(/409/);
  const { tenant } = await createTenant(newTenantInput());
  await open(page, `/tenants/${tenant.code}`);
  const other = newTenantInput();
  await page.getByTestId('tenant-slug').click();
  await page.getByTestId('new-slug').fill(other.slug);
  await expect(page.getByTestId('tenant-slug-status')).toHaveAttribute('data-state', 'available');
  await createTenant(other);
  await page.getByTestId('tenant-slug-confirm').click();
  await expect(page.getByTestId('tenant-slug-failure')).toContainText('DUPLICATE_SLUG');
  await expect(page.getByTestId('new-slug')).toBeFocused();
});

test('a form can be opened, filled, refused and saved with the keyboard alone', async ({ page }) => {
  const { tenant } = await createTenant(newTenantInput());
  const form = new TenantForm(page, 'settings');
  await open(page, `/tenants/${tenant.code}`);
  await form.editLink.focus();
  await page.keyboard.press('Enter');
  await expect(form.control('companyName')).toBeFocused();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Enter');
  await expect(form.errorSummary).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(form.control('companyName')).toBeFocused();
  await page.keyboard.type('Golden Spoon');
  await page.keyboard.press('Enter');
  await expect(form.editLink).toBeFocused();
  await expect(page.locator('#settings')).toContainText('Golden Spoon');
});

test('viewers see no form', async ({ signedOutPage: page }) => {
  const { tenant } = await createTenant(newTenantInput());
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(page, `/tenants/${tenant.code}?edit=settings`);
  await signIn(page, email, password);
  await expect(page.locator('#settings')).toContainText('Time zone');
  await expect(page.locator('#tenant-form')).toHaveCount(0);
  await expect(page.getByTestId('tenant-slug')).toHaveCount(0);
  await expect(page.getByRole('link', { name: /^(Edit|Change)/ })).toHaveCount(0);
  const response = await page.request.post(`/tenants/${tenant.code}`, {
    form: { form: 'settings', version: '"1"', companyName: 'X' },
    headers: { origin: testEnvironment().url },
  });
  expect(response.status()).toBe(403);
});

test('the forms are accessible in both themes and at 320 px', async ({ page, pageErrors }) => {
  pageErrors.expect(/412/);
  const { form, tenant, input } = await openForm(page, 'settings');
  await form.fill({ supportEmail: 'help@' });
  await form.save.click();
  await expectUsableAtAllWidths(page, 'settings with a problem');
  await changePart(input.slug, 'settings', { supportPhone: '+34 1' });
  await form.fill({ supportEmail: 'help@golden.example' });
  await form.save.click();
  await form.conflict.waitFor();
  await expectUsableAtAllWidths(page, 'settings of two editors');
  for (const name of ['branding', 'terms'] as const) {
    await new TenantForm(page, name).open(tenant.code);
    await expectUsableAtAllWidths(page, name);
  }
  await page.getByTestId('tenant-slug').click();
  await expectUsableAtAllWidths(page, 'slug');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test.beforeEach(async ({ pageErrors }) => {
    // Without JavaScript, the browser reports the module scripts of a page as blocked.
    pageErrors.expect(/\/pkg\/\S+\.js csp$/);
  });

  /** Creates a tenant with the API, and opens one of its forms by its link. */
  async function openPlainForm(page: Page, name: 'settings' | 'branding' | 'terms') {
    const [form, input] = [new TenantForm(page, name), newTenantInput()];
    const { tenant } = await createTenant(input);
    await page.goto(`/tenants/${tenant.code}`);
    await form.editLink.click();
    await form.form.waitFor();
    return { form, input };
  }

  test('each form is saved', async ({ page }) => {
    const settings = await openPlainForm(page, 'settings');
    await settings.form.fill({ supportPhone: '+34 600 123' });
    await settings.form.save.click();
    await expect(page.locator('#settings')).toContainText('+34 600 123');
    await expect(settings.form.form).toHaveCount(0);
    const branding = await openPlainForm(page, 'branding');
    await branding.form.control('theme').selectOption('plum');
    await branding.form.save.click();
    await expect(page.locator('#branding')).toContainText('#6b21a8');
    const terms = await openPlainForm(page, 'terms');
    await terms.form.fill({ name: 'Silver Spoon' });
    await terms.form.save.click();
    await expect(heading(page)).toContainText('Silver Spoon');
  });

  test('all problems are listed, and the input is kept', async ({ page, pageErrors }) => {
    pageErrors.expect(/422/);
    const { form } = await openPlainForm(page, 'settings');
    await form.fill({ companyName: '', supportPhone: 'call me' });
    await form.control('timeZone').selectOption('Europe/Madrid');
    await form.save.click();
    await expect(form.errorSummary.getByRole('listitem')).toHaveCount(2);
    await expect(form.control('supportPhone')).toHaveValue('call me');
    await expect(form.control('timeZone')).toHaveValue('Europe/Madrid');
    await form.fill({ companyName: 'Golden Spoon', supportPhone: '' });
    await form.save.click();
    await expect(page.locator('#settings')).toContainText('Europe/Madrid');
  });

  test('the changes of another admin are shown before they are replaced', async ({ page, pageErrors }) => {
    pageErrors.expect(/412/);
    const { form, input } = await openPlainForm(page, 'settings');
    await changePart(input.slug, 'settings', { supportPhone: '+34 1' });
    await form.fill({ supportPhone: '+34 600 123' });
    await form.save.click();
    await expect(form.conflict.locator('tbody tr')).toHaveCount(1);
    await expect(form.conflict).toContainText('+34 1');
    await expect(form.control('supportPhone')).toHaveValue('+34 600 123');
    await form.save.click();
    await expect(form.form).toHaveCount(0);
    await expect(page.locator('#settings')).toContainText('+34 600 123');
  });
});
