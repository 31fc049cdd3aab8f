import { Page } from '@playwright/test';
import { listKeys } from '../support/api';
import { expectUsableAtAllWidths } from '../support/page-checks';
import { heading, openPortalSession, portalPath } from '../support/portal';
import { expect, open, reload, SIGNED_OUT, test } from '../support/test';

test.use({ storageState: SIGNED_OUT });

const rows = (page: Page) => page.getByTestId('catalog-row');
const form = (page: Page) => page.getByTestId('catalog-form');

test('a package is created with a price in major units, edited and deleted', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug, 'packages'));
  await expect(rows(page)).toHaveCount(3);
  await page.getByTestId('catalog-new').click();
  await expect(page.locator('#entry-name')).toBeFocused();
  await page.locator('#entry-name').fill('Sunday Brunch');
  await page.locator('#entry-price').fill('24.505');
  await page.getByTestId('catalog-save').click();
  await expect(form(page).locator('.error-summary')).toBeFocused();
  await expect(form(page)).toContainText('at most 2 decimals');
  await expectUsableAtAllWidths(page, 'package refused');

  await page.locator('#entry-price').fill('24,5');
  await page.getByTestId('catalog-save').click();
  await expect(form(page)).toHaveCount(0);
  await expect(heading(page)).toBeFocused();
  await expect(rows(page)).toHaveCount(4);
  await expect(rows(page).last()).toContainText('24.50 USD');

  await rows(page).last().getByTestId('catalog-edit').click();
  await expect(page.locator('#entry-price')).toHaveValue('24.50');
  await page.locator('#entry-description').fill('Coffee, juice & more.\n</textarea>');
  await page.getByTestId('catalog-save').click();
  await expect(rows(page).last()).toContainText('Coffee, juice & more. </textarea>');
  await reload(page);
  await rows(page).last().getByTestId('catalog-edit').click();
  await expect(page.locator('#entry-description')).toHaveValue('Coffee, juice & more.\n</textarea>');
  await page.getByText('Delete this package…').click();
  await page.getByTestId('catalog-delete').click();
  await expect(rows(page)).toHaveCount(3);
});

test('packages are moved and hidden with the keyboard, and keep the focus', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug, 'packages'));
  const last = page.locator('#up-premium-package');
  await last.focus();
  await page.keyboard.press('Enter');
  await expect(rows(page).nth(1)).toContainText('Premium Package');
  await expect(last).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(rows(page).first()).toContainText('Premium Package');
  await expect(last).toBeDisabled();
  await rows(page).first().getByTestId('catalog-hide').click();
  await expect(rows(page).first()).toContainText('Hidden');
  await expect(page.getByTestId('portal-announcement')).toHaveText('Customers do not see it any more.');
  await reload(page);
  await expect(rows(page).first()).toContainText('Premium Package');
  await expect(rows(page).first()).toContainText('Hidden');
});

test('a segment is created and shown in the preview of the branding', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug, 'segments?edit=new'));
  await page.locator('#entry-name').fill('Families');
  await page.locator('#entry-heroTitle').fill('Bring the children');
  await page.getByTestId('catalog-save').click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Branding' }).click();
  await expect(page.getByTestId('branding-preview')).toContainText('Families');
});

test('a new API key shows its secret once, and leaving asks first', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug, 'keys'));
  await page.getByTestId('tenant-key-create').click();
  await page.getByTestId('key-name').fill('Till');
  await page.getByTestId('tenant-key-create-confirm').click();
  const secret = page.getByTestId('prov-secret-key').locator('code');
  await expect(secret).toHaveText(/^sk_live_/);
  await expectUsableAtAllWidths(page, 'new key');
  await page.setViewportSize({ width: 1280, height: 900 });
  const shown = await secret.innerText();
  await page.getByRole('link', { name: 'Usage' }).click();
  await expect(page.getByTestId('leave-dialog')).toBeVisible();
  await page.getByTestId('leave-confirm').click();
  await expect(heading(page)).toHaveText('Usage');
  await open(page, portalPath(slug, 'keys'));
  await expect(page.getByTestId('portal-page')).toContainText('Till');
  expect(await page.content()).not.toContain(shown);
  expect((await listKeys(slug)).length).toBe(2);
});
