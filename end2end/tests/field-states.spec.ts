import { Page } from '@playwright/test';
import { createTenant } from '../support/api';
import { newTenantInput, uniqueTag } from '../support/new-tenant-input';
import { ResponseHold } from '../support/response-hold';
import { CHECK_EMAIL, CHECK_SLUG, ProvisionForm } from '../support/provision-form';
import { expect, test, waitForRender } from '../support/test';
import { ADMIN } from '../support/test-environment';

/** Releases a held response, and waits until the page has rendered the result. */
async function releaseLateResponse(page: Page, hold: ResponseHold, endpoint: string) {
  const late = page.waitForResponse((response) => response.url().includes(endpoint));
  hold.release();
  await (await late).finished();
  await waitForRender(page);
}

test.describe('the slug', () => {
  test('follows the name until the slug is edited, and again after the slug is emptied', async ({ page }) => {
    const form = new ProvisionForm(page);
    await form.open();
    await form.name.fill('Café Zürich');
    await expect(form.slug).toHaveValue('cafe-zurich');
    await form.slug.fill('my-own');
    await form.name.fill('Café Basel');
    await expect(form.slug).toHaveValue('my-own');
    await form.slug.fill('');
    await form.name.fill('Café Bern');
    await expect(form.slug).toHaveValue('cafe-bern');
  });

  test('is transliterated from the name, or has to be entered', async ({ page }) => {
    const form = new ProvisionForm(page);
    await form.open();
    const slugs: [string, string][] = [
      ['Phở Việt', 'pho-viet'],
      ['Phở Việt'.normalize('NFD'), 'pho-viet'],
      ['Чайка', 'chaika'],
      ['Ｔｏｋｙｏ １２', 'tokyo-12'],
    ];
    for (const [name, slug] of slugs) {
      await form.name.fill(name);
      await expect(form.slug).toHaveValue(slug);
    }
    await form.name.fill('北京');
    await expect(form.slug).toHaveValue('');
    await expect(form.slugStatus).toHaveAttribute('data-state', 'invalid');
    await expect(form.slugStatus).toHaveText('No slug can be derived from this name. Enter one.');
    await form.slug.fill(newTenantInput().slug);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'available');
  });

  test('has the status empty, then checking, then available', async ({ page }) => {
    const [form, hold] = [new ProvisionForm(page), new ResponseHold()];
    await page.route(CHECK_SLUG, hold.apply);
    await form.open();
    await expect(form.slugStatus).toHaveAttribute('data-state', 'empty');
    await form.slug.fill(newTenantInput().slug);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'checking');
    await hold.reached;
    hold.release();
    await expect(form.slugStatus).toHaveAttribute('data-state', 'available');
    await expect(form.slugStatus).toHaveText('Available');
  });

  test('shows the broken rule while typing, without a request', async ({ page }) => {
    const form = new ProvisionForm(page);
    const checks: string[] = [];
    page.on('request', (request) => request.url().includes('check_slug') && checks.push(request.url()));
    await form.open();
    const rules: [string, RegExp][] = [
      ['xn--a', /two hyphens in a row/],
      ['ab--c', /two hyphens in a row/],
      ['-a', /begin with a letter/],
      ['a-', /cannot end with a hyphen/],
      ['admin', /reserved for the platform/],
      ['gоlden', /only contain the letters a to z/],
      ['Golden', /cannot contain capital letters/],
      ['ab', /at least 3/],
      ['a'.repeat(64), /at most 40/],
    ];
    for (const [slug, rule] of rules) {
      await form.slug.fill(slug);
      await expect(form.slugStatus).toHaveAttribute('data-state', 'invalid');
      await expect(form.slugStatus).toHaveText(rule);
      await expect(form.slug).toHaveAttribute('aria-invalid', 'true');
    }
    expect(checks).toEqual([]);
  });

  test('shows that a check failed, and is checked again after an edit', async ({ page, pageErrors }) => {
    pageErrors.expect(/check_slug/);
    const form = new ProvisionForm(page);
    await form.open();
    await page.route(CHECK_SLUG, (route) => route.abort());
    await form.slug.fill(newTenantInput().slug);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'unknown');
    await expect(form.slugStatus).toContainText('Could not check');
    await page.unroute(CHECK_SLUG);
    await form.slug.fill(newTenantInput().slug);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'available');
  });

  test('ignores a late response for an earlier value', async ({ page }) => {
    const [form, hold, taken] = [new ProvisionForm(page), new ResponseHold(), newTenantInput()];
    await createTenant(taken);
    await page.route(
      CHECK_SLUG,
      hold.applyTo((request) => (request.postData() ?? request.url()).includes(taken.slug)),
    );
    await form.open();
    await form.slug.fill(taken.slug);
    await hold.reached;
    await form.slug.fill(newTenantInput().slug);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'available');

    await releaseLateResponse(page, hold, 'check_slug');
    await expect(form.slugStatus).toHaveAttribute('data-state', 'available');
    await expect(form.suggestions).toHaveCount(0);
  });
});

test.describe('a taken slug', () => {
  test('names the tenant that uses it and suggests three available slugs', async ({ page }) => {
    const [form, taken] = [new ProvisionForm(page), newTenantInput()];
    const { tenant } = await createTenant(taken);
    await form.open();
    await form.name.fill(taken.name);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'taken');
    await expect(form.slugStatus).toContainText(taken.name);
    await expect(form.slugStatus.getByRole('link', { name: tenant.code })).toBeVisible();
    await expect(form.suggestions).toHaveCount(3);
    await expect(form.suggestions.first()).toContainText(`${taken.slug}-2`);
  });

  test('is replaced by a click on a suggestion', async ({ page }) => {
    const [form, taken] = [new ProvisionForm(page), newTenantInput()];
    await createTenant(taken);
    await form.open();
    await form.fill({ ...taken, ownerEmail: newTenantInput().ownerEmail });
    await form.suggestions.first().click();
    await expect(form.slug).toHaveValue(`${taken.slug}-2`);
    await expect(form.slug).toBeFocused();
    await form.expectReady();
    await form.submitSuccessfully();
  });

  test('is replaced by a keyboard shortcut', async ({ page }) => {
    const [form, taken] = [new ProvisionForm(page), newTenantInput()];
    await createTenant(taken);
    await form.open();
    await form.name.fill(taken.name);
    await expect(form.suggestions).toHaveCount(3);
    const third = (await form.suggestions.nth(2).innerText()).split(/\s/)[0];
    await page.keyboard.press('Alt+Digit3');
    await expect(form.slug).toHaveValue(third);
    await form.slug.fill(taken.slug);
    await expect(form.suggestions).toHaveCount(3);
    await page.keyboard.press('Alt+Digit1');
    await expect(form.slug).toHaveValue(`${taken.slug}-2`);
    await expect(form.slugStatus).toHaveAttribute('data-state', 'available');
  });
});

test.describe("the owner's e-mail", () => {
  test('has the status empty, then checking, then available', async ({ page }) => {
    const [form, hold] = [new ProvisionForm(page), new ResponseHold()];
    await page.route(CHECK_EMAIL, hold.apply);
    await form.open();
    await expect(form.emailStatus).toHaveAttribute('data-state', 'empty');
    await form.ownerEmail.fill(newTenantInput().ownerEmail);
    await expect(form.emailStatus).toHaveAttribute('data-state', 'checking');
    await hold.reached;
    hold.release();
    await expect(form.emailStatus).toHaveAttribute('data-state', 'available');
  });

  test('reports an invalid address while typing', async ({ page, pageErrors }) => {
    // Only the server checks what an encoded label means.
    pageErrors.expect(/422/);
    const form = new ProvisionForm(page);
    await form.open();
    for (const wrong of ['mira', 'mira@', '@bakery.example', 'mira@bakery', 'mi ra@bakery.example']) {
      await form.ownerEmail.fill(wrong);
      await expect(form.emailStatus).toHaveAttribute('data-state', 'invalid');
    }
    await form.ownerEmail.fill('mira@xn--99999999.example');
    await expect(form.emailStatus).toHaveAttribute('data-state', 'invalid');
    await form.ownerEmail.fill(`mira@bücher-${uniqueTag()}.example`);
    await expect(form.emailStatus).toHaveAttribute('data-state', 'available');
  });

  test('distinguishes an owner from an employee', async ({ page }) => {
    const [form, taken] = [new ProvisionForm(page), newTenantInput()];
    const { tenant } = await createTenant(taken);
    await form.open();
    await form.ownerEmail.fill(taken.ownerEmail.toUpperCase());
    await expect(form.emailStatus).toHaveAttribute('data-state', 'taken');
    await expect(form.emailStatus).toContainText(`Already owns ${taken.name}`);
    await expect(form.emailStatus.getByRole('link', { name: tenant.code })).toBeVisible();
    await form.ownerEmail.fill(ADMIN.email);
    await expect(form.emailStatus).toContainText('Belongs to an employee');
  });

  test('shows that a check failed', async ({ page, pageErrors }) => {
    pageErrors.expect(/check_email/);
    const form = new ProvisionForm(page);
    await page.route(CHECK_EMAIL, (route) => route.abort());
    await form.open();
    await form.ownerEmail.fill(newTenantInput().ownerEmail);
    await expect(form.emailStatus).toHaveAttribute('data-state', 'unknown');
  });

  test('ignores a late response for an earlier value', async ({ page }) => {
    const [form, hold] = [new ProvisionForm(page), new ResponseHold()];
    await page.route(
      CHECK_EMAIL,
      hold.applyTo((request) =>
        decodeURIComponent(request.postData() ?? request.url()).includes(ADMIN.email),
      ),
    );
    await form.open();
    await form.ownerEmail.fill(ADMIN.email);
    await hold.reached;
    await form.ownerEmail.fill(newTenantInput().ownerEmail);
    await expect(form.emailStatus).toHaveAttribute('data-state', 'available');
    await releaseLateResponse(page, hold, 'check_email');
    await expect(form.emailStatus).toHaveAttribute('data-state', 'available');
  });
});
