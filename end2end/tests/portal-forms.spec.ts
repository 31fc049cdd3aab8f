import { changePart, readTenant } from '../support/api';
import { expectUsableAtAllWidths } from '../support/page-checks';
import { heading, openPortalSession, portalPath } from '../support/portal';
import { TenantForm } from '../support/tenant-form';
import { expect, open, reload, SIGNED_OUT, test } from '../support/test';

test.use({ storageState: SIGNED_OUT });

test('the bar names unsaved changes, discards them, and saves them', async ({ page, context }) => {
  const { slug, input } = await openPortalSession(context);
  const form = new TenantForm(page, 'settings');
  await open(page, portalPath(slug, 'settings'));
  const bar = page.getByTestId('action-bar');
  await expect(bar).toBeHidden();
  await form.fill({ companyName: 'Golden Spoon Ltd', websiteUrl: 'https://golden.example' });
  await expect(bar).toContainText('2 unsaved changes: company name and website.');
  await page.getByTestId('tenant-form-discard').click();
  await expect(form.control('companyName')).toHaveValue(input.name);
  await expect(bar).toBeHidden();

  await form.fill({ companyName: '  Golden Spoon Ltd ' });
  await form.save.click();
  await expect(bar).toBeHidden();
  await expect(form.control('companyName')).toHaveValue('Golden Spoon Ltd');
  await expect(heading(page)).toBeFocused();
  await expect(page.getByTestId('portal-announcement')).toHaveText('The settings are saved.');
  await reload(page);
  await expect(form.control('companyName')).toHaveValue('Golden Spoon Ltd');
});

test('invalid settings are refused in the browser, with the fields marked', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'settings');
  await open(page, portalPath(slug, 'settings'));
  await form.fill({ companyName: '', supportEmail: 'help@' });
  await form.save.click();
  await expect(form.errorSummary.getByRole('listitem')).toHaveCount(2);
  await form.errorSummary.getByRole('link').first().click();
  await expect(form.control('companyName')).toBeFocused();
});

test('a change by somebody else is compared before it is replaced', async ({ page, context, pageErrors }) => {
  pageErrors.expect(/412/);
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'settings');
  await open(page, portalPath(slug, 'settings'));
  await changePart(slug, 'settings', { supportPhone: '+34 600 000 000' });
  await form.fill({ supportPhone: '+34 600 123 456' });
  await form.save.click();
  await expect(form.conflict).toContainText('Somebody else has changed the settings meanwhile');
  await page.getByTestId('tenant-form-keep').click();
  await form.save.click();
  await expect(form.conflict).toHaveCount(0);
  await expect.poll(async () => (await readTenant(slug)).settings.supportPhone).toBe('+34 600 123 456');
});

test('the branding is changed, and is there after a reload', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'branding');
  await open(page, portalPath(slug, 'branding'));
  await page.getByTestId('theme-plum').check();
  await form.fill({ colorPrimary: '#6B2737' });
  await expect(page.getByTestId('action-bar')).toContainText(
    '2 unsaved changes: brand theme and primary colour.',
  );
  await form.save.click();
  await expect(page.getByTestId('action-bar')).toBeHidden();
  await reload(page);
  await expect(page.getByTestId('theme-plum')).toBeChecked();
  await expect(form.control('colorPrimary')).toHaveValue('#6b2737');
  const mark = page.getByTestId('portal-tenant').locator('rect');
  await expect(mark).toHaveAttribute('fill', '#6b2737');
});

test('the preview shows the colours and the texts of the tenant while they are typed', async ({
  page,
  context,
}) => {
  const { slug, input } = await openPortalSession(context);
  const form = new TenantForm(page, 'branding');
  await open(page, portalPath(slug, 'branding'));
  const preview = page.getByTestId('branding-preview');
  await expect(preview).toContainText(input.name);
  await expect(preview).toContainText('Basic Package');
  const button = preview.locator('.site-btn');
  await form.fill({ colorPrimary: '#14532d' });
  await expect(button).toHaveCSS('background-color', 'rgb(20, 83, 45)');
  await page.getByRole('link', { name: 'E-mail' }).click();
  await expect(preview).toContainText('Your booking is confirmed');
  await page.getByRole('link', { name: 'Sign-in' }).click();
  await expect(preview).toContainText(`Sign in to ${input.name}`);
  // The form is not loaded again.
  await expect(form.control('colorPrimary')).toHaveValue('#14532d');
});

test('a colour that is too light offers the nearest shade that is readable', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'branding');
  await open(page, portalPath(slug, 'branding'));
  await form.fill({ colorSecondary: '#c77b30' });
  const contrast = page.getByTestId('contrast');
  await expect(contrast).toContainText('1 to fix');
  await expect(contrast).toContainText('Too low');
  await expect(page.getByTestId('action-bar')).toContainText('Fix the secondary colour to save.');
  await expect(form.control('colorSecondary')).toHaveAttribute('aria-invalid', 'true');
  await page.getByTestId('contrast-fix').click();
  await expect(contrast).toContainText('All readable');
  await expect(form.control('colorSecondary')).toHaveValue(/^#[0-9a-f]{6}$/);
  await form.save.click();
  await expect(page.getByTestId('action-bar')).toBeHidden();
});

test('a logo that cannot be loaded is reported, and can be saved', async ({ page, context, pageErrors }) => {
  pageErrors.expect(/logo\.invalid/, /ERR_/);
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'branding');
  await open(page, portalPath(slug, 'branding'));
  await form.fill({ logoUrl: 'https://logo.invalid/mark.svg' });
  await expect(page.getByTestId('logo-status')).toContainText('could not be loaded');
  await form.save.click();
  await expect(page.getByTestId('action-bar')).toBeHidden();
});

test('a logo that was loaded is shown in the preview', async ({ page, context }) => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><circle r="40" cx="48" cy="48"/></svg>';
  await page.route('https://logo.example/*', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: svg }),
  );
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'branding');
  await open(page, portalPath(slug, 'branding'));
  await form.fill({ logoUrl: 'https://logo.example/mark.svg' });
  await expect(page.getByTestId('logo-status')).toContainText('Loaded, 96 × 96');
  await expect(page.getByTestId('branding-preview').locator('img')).toBeVisible();
});

test('members are found by the start of a name or an address', async ({ page, context }) => {
  const { slug, owner } = await openPortalSession(context);
  const email = owner.email.toUpperCase();
  await open(page, portalPath(slug, 'members'));
  const search = page.getByTestId('members-search');
  await search.fill(email);
  await page.getByTestId('members-apply').click();
  await expect(page).toHaveURL(/\?q=/);
  await expect(page.getByTestId('member-row')).toHaveCount(1);
  await expect(search).toHaveValue(email);
  await search.fill('nobody');
  await search.press('Enter');
  await expect(page.getByRole('heading', { name: 'Nobody matches' })).toBeVisible();
  await expectUsableAtAllWidths(page, 'search for members');
  await page.getByRole('link', { name: 'Show everybody' }).click();
  await expect(page.getByTestId('member-row')).toHaveCount(1);
  await expect(search).toHaveValue('');
});

test('a form is sent once while the browser waits for the response', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug, 'members'));
  // An event that a script dispatches sends no form, so the page stays.
  const submitted = await page.getByTestId('invite-form').evaluate((form) => {
    const submit = () => form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
    return [submit(), submit()];
  });
  expect(submitted).toEqual([true, false]);
});
