import { expectOneTenant } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { expect, open, test } from '../support/test';

/** The chunks of the form's parts. */
const CHECKS = '**/pkg/split_provision_checks.*.wasm';
const SUBMIT = '**/pkg/split_provision_submit.*.wasm';

test('a page preloads its own chunk and no other', async ({ page }) => {
  await open(page, '/health');
  const preloads = page.locator('head link[rel="preload"]');
  const preloadedPages = async () => {
    const urls = await preloads.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    return urls.map((url) => /split___(\w+)_route_view/.exec(url)?.[1]).filter(Boolean);
  };
  // The page adds its preloads after the first paint.
  await expect.poll(preloadedPages).toEqual(['health']);
});

test('a page in a hidden tab, which is not painted, downloads its code', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    window.requestAnimationFrame = () => 0;
  });
  await open(page, '/health');
});

test('the form downloads its parts when a control gets the focus', async ({ page }) => {
  const form = new ProvisionForm(page);
  const downloads: string[] = [];
  page.on('request', (request) => downloads.push(request.url()));
  const countDownloads = () => downloads.filter((url) => /split_provision_(checks|submit)/.test(url)).length;
  await form.open();
  await page.waitForLoadState('networkidle');
  expect(countDownloads()).toBe(0);
  await form.name.focus();
  await expect.poll(countDownloads).toBe(2);
});

test('if the code of a submit cannot be downloaded, the page retries until it can offer to submit again', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/split_provision_submit/, /Failed to fetch/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  let failures = 0;
  await page.route(SUBMIT, (route) => {
    failures += 1;
    return route.abort();
  });
  await form.openWith(input);
  await form.submit.click();
  await expect.poll(() => failures).toBeGreaterThan(2);
  await page.unroute(SUBMIT);
  await expect(form.errorCode).toHaveText('UNREACHABLE');
  await form.retry.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(input);
});

test('without the code for checks, the fields are still checked at submit', async ({ page, pageErrors }) => {
  pageErrors.expect(/split_provision_checks/, /Failed to fetch/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await page.route(CHECKS, (route) => route.abort());
  await form.open();
  await form.fill(input);
  await form.slug.fill('a-');
  await form.submit.click();
  await expect(form.errorSummary).toBeFocused();
  await expect(form.slug).toHaveAttribute('aria-invalid', 'true');
  // The submit derives an empty slug from the name.
  await form.slug.fill('');
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expect(page.getByText(input.slug, { exact: true }).first()).toBeVisible();
  await expectOneTenant(input);
});
