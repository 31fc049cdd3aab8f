import { openPortalSession, PORTAL_PAGES, portalPath } from '../support/portal';
import { TenantForm } from '../support/tenant-form';
import { expect, SIGNED_OUT, test } from '../support/test';

test.use({ javaScriptEnabled: false, storageState: SIGNED_OUT });

test.beforeEach(({ pageErrors }) => {
  // Without JavaScript, the browser reports the module scripts of a page as blocked.
  pageErrors.expect(/\/pkg\/\S+\.js csp$/);
});

test('without JavaScript every page of the portal shows its content and the navigation', async ({
  page,
  context,
}) => {
  const { slug } = await openPortalSession(context);
  for (const name of PORTAL_PAGES) {
    await page.goto(portalPath(slug, name));
    await expect(page.getByTestId('portal-page')).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'Branding' }).first()).toBeVisible();
  }
});

test('without JavaScript the settings are saved by a form post', async ({ page, context, pageErrors }) => {
  pageErrors.expect(/422/);
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'settings');
  await page.goto(portalPath(slug, 'settings'));
  await form.fill({ supportEmail: 'help@' });
  await form.save.click();
  await expect(form.errorSummary).toBeVisible();
  await expect(form.control('supportEmail')).toHaveValue('help@');
  await form.fill({ supportEmail: 'help@golden.example' });
  await form.save.click();
  await expect(page.getByTestId('portal-saved')).toBeVisible();
  await expect(form.control('supportEmail')).toHaveValue('help@golden.example');
});

test('without JavaScript the branding is saved, and the preview has its colours', async ({
  page,
  context,
}) => {
  const { slug } = await openPortalSession(context);
  const form = new TenantForm(page, 'branding');
  await page.goto(portalPath(slug, 'branding'));
  await page.getByTestId('theme-forest').check();
  await form.save.click();
  await expect(page.getByTestId('portal-saved')).toBeVisible();
  await expect(page.getByTestId('theme-forest')).toBeChecked();
  const button = page.getByTestId('branding-preview').locator('.site-btn');
  await expect(button).toHaveCSS('background-color', 'rgb(22, 101, 52)');
  await page.getByRole('link', { name: 'Sign-in' }).click();
  await expect(page.getByTestId('branding-preview')).toContainText('Sign in to');
});

test('without JavaScript packages are created, moved and hidden', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await page.goto(portalPath(slug, 'packages'));
  await page.getByTestId('catalog-new').click();
  await page.locator('#entry-name').fill('Sunday Brunch');
  await page.locator('#entry-price').fill('24.50');
  await page.getByTestId('catalog-save').click();
  const rows = page.getByTestId('catalog-row');
  await expect(rows.last()).toContainText('24.50 USD');
  await page.locator('#up-sunday-brunch').click();
  await expect(rows.nth(2)).toContainText('Sunday Brunch');
  await rows.nth(2).getByTestId('catalog-hide').click();
  await expect(rows.nth(2)).toContainText('Hidden');
});
