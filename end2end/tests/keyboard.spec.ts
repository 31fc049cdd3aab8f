import { Page } from '@playwright/test';
import { expectOneTenant, createTenant } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { expect, open, reload, test, waitForRender } from '../support/test';

/** Presses Tab until the focused element matches `selector`. */
async function tabTo(page: Page, selector: string) {
  for (let steps = 0; steps < 40; steps += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((expected) => document.activeElement?.matches(expected) ?? false, selector))
      return;
  }
  throw new Error(`Tab never reached ${selector}`);
}

test('the form can be completed with only the keyboard', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();

  await tabTo(page, '[data-testid=prov-name]');
  await page.keyboard.type(input.name);
  await tabTo(page, '#plan');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#plan')).toHaveValue('enterprise');
  await tabTo(page, '[data-testid=prov-owner-name]');
  await page.keyboard.type(input.ownerName);
  await tabTo(page, '[data-testid=prov-owner-email]');
  await page.keyboard.type(input.ownerEmail);
  await form.expectReady();
  await tabTo(page, '[data-testid=prov-submit]');
  await page.keyboard.press('Enter');

  await expect(form.success).toBeVisible();
  await tabTo(page, '[aria-label="Copy secret key"]');
  await tabTo(page, '[data-testid=prov-another]');
  await expectOneTenant(input);
});

test('Enter in a field submits, and the summary links to the invalid fields', async ({ page }) => {
  const form = new ProvisionForm(page);
  await form.open();
  await form.name.focus();
  await page.keyboard.press('Enter');
  await expect(form.errorSummary).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(form.name).toBeFocused();
});

test('a suggestion can be reached with Tab and applied with Enter', async ({ page }) => {
  const [form, taken] = [new ProvisionForm(page), newTenantInput()];
  await createTenant(taken);
  await form.open();
  await form.name.fill(taken.name);
  await expect(form.suggestions).toHaveCount(3);
  await form.slug.focus();
  await tabTo(page, '[data-testid=prov-slug-suggestion]');
  await page.keyboard.press('Enter');
  await expect(form.slug).toHaveValue(`${taken.slug}-2`);
  await expect(form.slug).toBeFocused();
});

test('the single-key shortcuts can be turned off', async ({ page }) => {
  await open(page, '/provisioning');
  const [search, shortcuts] = [page.locator('#search'), page.locator('#shortcuts')];
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await search.blur();
  await page.keyboard.press('?');
  await expect(shortcuts).toBeVisible();
  await page.getByLabel('Use the shortcuts / and ?').uncheck();
  await page.keyboard.press('Escape');

  // The setting applies to this page, to the next one, and after a reload.
  const expectOff = async () => {
    await expect(search).not.toHaveAttribute('aria-keyshortcuts');
    await page.keyboard.press('?');
    await page.keyboard.press('/');
    await waitForRender(page);
    await expect(shortcuts).toBeHidden();
    await expect(search).not.toBeFocused();
  };
  await expectOff();
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  await expect(page.getByTestId('health-page')).toBeVisible();
  await expectOff();
  await reload(page);
  await expectOff();

  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await page.getByLabel('Use the shortcuts / and ?').check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
});

test('the focus moves to the heading of a new page, and stays where it is during hydration', async ({
  page,
}) => {
  const input = newTenantInput();
  const { requestId } = await createTenant(input);
  await open(page, `/provisioning/${requestId}`);
  await waitForRender(page);
  await expect(page.locator('body')).toBeFocused();
  for (const name of ['Health', 'Provision', 'History']) {
    await page.getByRole('link', { name, exact: true }).first().click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeFocused();
  }
  await page.getByRole('link', { name: input.name }).click();
  await expect(page.getByRole('heading', { level: 1, name: input.name })).toBeFocused();
});
