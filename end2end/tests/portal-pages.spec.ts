import { resumeTenant, suspendTenant } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { expectUsableAtAllWidths } from '../support/page-checks';
import { heading, openPortalSession, PORTAL_PAGES, portalPath } from '../support/portal';
import { expect, open, SIGNED_OUT, signIn, test } from '../support/test';

test.use({ storageState: SIGNED_OUT });

const LONG_NAME = 'Donaudampfschifffahrtsgesellschaft und Söhne '.repeat(3).slice(0, 118).trim();

for (const name of PORTAL_PAGES) {
  test(`portal ${name || 'home'}: is accessible in both themes and at 320 px, with a long name`, async ({
    page,
    context,
  }) => {
    const { slug } = await openPortalSession(context, { ...newTenantInput(), name: LONG_NAME });
    await open(page, portalPath(slug, name));
    await expect(page.getByTestId('portal-page')).toBeVisible();
    await expectUsableAtAllWidths(page, `portal ${name}`);
  });
}

test('after signing in, an owner is in the portal of the only tenant', async ({ page, context }) => {
  const { owner, slug, input } = await openPortalSession(context);
  await context.clearCookies();
  await open(page, '/portal');
  await signIn(page, owner.email, owner.password);
  await expect(page).toHaveURL(new RegExp(`/portal/${slug}$`));
  await expect(heading(page)).toHaveText(input.name);
  await expect(page.getByTestId('portal-tenant')).toContainText(input.name);
});

test('the navigation opens each page without loading the document again', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug));
  await page.evaluate(() => ((window as unknown as { kept: boolean }).kept = true));
  const navigation = page.getByRole('navigation', { name: 'Main' });
  for (const [link, path] of [
    ['Settings', 'settings'],
    ['Branding', 'branding'],
    ['Members', 'members'],
    ['Segments', 'segments'],
    ['Packages', 'packages'],
    ['API keys', 'keys'],
    ['Usage', 'usage'],
    ['Activity', 'activity'],
  ]) {
    await navigation.getByRole('link', { name: link }).click();
    await expect(page).toHaveURL(new RegExp(`${portalPath(slug, path)}$`));
    await expect(heading(page)).toHaveText(link);
    await expect(navigation.getByRole('link', { name: link })).toHaveAttribute('aria-current', 'page');
  }
  expect(await page.evaluate(() => (window as unknown as { kept: boolean }).kept)).toBe(true);
});

test('in a narrow window the menu opens the pages', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, portalPath(slug));
  await page.getByRole('button', { name: 'Menu' }).click();
  const usage = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Usage' });
  await usage.click();
  await expect(heading(page)).toHaveText('Usage');
  await expect(usage).toBeHidden();
});

test("the owner's next click says that the tenant is suspended, and works again after it is resumed", async ({
  page,
  context,
  pageErrors,
}) => {
  pageErrors.expect(/403/);
  const { slug, input } = await openPortalSession(context);
  await open(page, portalPath(slug));
  await suspendTenant(slug);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByTestId('portal-suspended')).toBeVisible();
  await expect(heading(page)).toHaveText(`${input.name} is suspended`);
  await expectUsableAtAllWidths(page, 'suspended');
  await resumeTenant(slug);
  await open(page, portalPath(slug, 'settings'));
  await expect(heading(page)).toHaveText('Settings');
});

test('a form that is saved while the tenant is suspended says so', async ({ page, context, pageErrors }) => {
  pageErrors.expect(/403/);
  const { slug, input } = await openPortalSession(context);
  await open(page, portalPath(slug, 'settings'));
  await suspendTenant(slug);
  await page.locator('[name=companyName]').fill('Golden Spoon Ltd');
  await page.getByTestId('tenant-form-save').click();
  await expect(heading(page)).toHaveText(`${input.name} is suspended`);
});

test('a stranger sees no page of the tenant', async ({ page, context, pageErrors }) => {
  pageErrors.expect(/404/);
  const { slug } = await openPortalSession(context);
  await openPortalSession(context);
  await open(page, portalPath(slug, 'settings'));
  await expect(page.getByTestId('portal-not-found')).toBeVisible();
  await expectUsableAtAllWidths(page, 'not found');
});

test('the latest change of the tenant is the first sentence of its activity', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  await open(page, portalPath(slug, 'settings'));
  await page.locator('[name=supportPhone]').fill('+34 600 123 456');
  await page.getByTestId('tenant-form-save').click();
  await expect(page.getByTestId('action-bar')).toBeHidden();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
  const first = page.getByTestId('portal-activity').getByRole('listitem').first();
  await expect(first).toContainText('Mira Sato changed the settings');
  await expect(first).toContainText('Support phone from nothing to +34 600 123 456');
});

test('leaving a form with unsaved changes asks first', async ({ page, context }) => {
  const { slug } = await openPortalSession(context);
  const dialog = page.getByTestId('leave-dialog');
  const usage = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Usage' });
  for (const [address, control] of [
    ['settings', '[name="supportPhone"]'],
    ['packages?edit=basic-package', '#entry-description'],
  ]) {
    await open(page, portalPath(slug, address));
    const field = page.locator(control);
    await field.fill('+43 1 234567');
    await usage.click();
    await expect(dialog).toBeVisible();
    await page.getByTestId('leave-stay').click();
    await expect(field).toHaveValue('+43 1 234567');
    await usage.click();
    await page.getByTestId('leave-confirm').click();
    await expect(heading(page)).toHaveText('Usage');
  }
  // A form that was saved or cancelled is left without a question.
  await open(page, portalPath(slug, 'packages?edit=basic-package'));
  await page.locator('#entry-description').fill('For a short visit.');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByTestId('catalog-form')).toBeHidden();
  await page.getByTestId('catalog-edit').first().click();
  await page.locator('#entry-description').fill('For a short visit.');
  await page.getByTestId('catalog-save').click();
  await expect(page.getByTestId('catalog-form')).toBeHidden();
  await usage.click();
  await expect(heading(page)).toHaveText('Usage');
});
