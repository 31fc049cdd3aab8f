import { expectOneTenant, createTenant, findRequests } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { loseResponse, ResponseHold } from '../support/response-hold';
import { FIND_BY_KEY, PROVISION, ProvisionForm } from '../support/provision-form';
import { expect, reload, test, waitForHydration } from '../support/test';

test('a draft that was reloaded before submit creates one tenant', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await reload(page);
  await reload(page);
  await form.expectValues(input);
  await form.submitSuccessfully();
  await expectOneTenant(input);
});

test('a reload during a submit shows the tenant and creates no second tenant', async ({ page }) => {
  const [form, input, hold] = [new ProvisionForm(page), newTenantInput(), new ResponseHold()];
  await form.openWith(input);
  await page.route(PROVISION, hold.apply);
  await form.submit.click();
  await expect(form.progress).toBeVisible();
  await expect(form.stages).toHaveCount(10);
  await hold.reached;

  await reload(page);
  hold.release();
  await expect(form.success).toHaveAttribute('data-replayed', 'true');
  await expect(page.getByText(input.name).first()).toBeVisible();
  await expectOneTenant(input);
});

test('a submit that was interrupted by a reload can be retried', async ({ page, pageErrors }) => {
  pageErrors.expect(/api\/fn\/provision/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await page.route(PROVISION, () => undefined);
  await form.submit.click();
  await expect(form.progress).toBeVisible();
  await reload(page);
  await page.unroute(PROVISION);
  await form.retry.click({ timeout: 40_000 });
  await expect(form.success).toBeVisible();
  await expectOneTenant(input);
});

test('a reload after success shows the request, and the form is empty', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submitSuccessfully();
  await reload(page);
  await expect(page.getByTestId('history-detail')).toContainText(input.slug);
  await expect(form.stages).toHaveCount(10);
  await form.open();
  await expect(form.name).toHaveValue('');
  await expectOneTenant(input);
});

test('pressing the submit button several times creates one tenant', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submit.evaluate((button: HTMLButtonElement) => {
    for (let press = 0; press < 5; press += 1) button.click();
  });
  await expect(form.success).toBeVisible();
  await expectOneTenant(input);
});

test('two tabs share one draft', async ({ page, secondTab }) => {
  const [first, second, input] = [new ProvisionForm(page), new ProvisionForm(secondTab), newTenantInput()];
  await first.open();
  await second.open();
  await first.fill(input);
  await second.expectValues(input);
  await second.ownerName.fill('Noor Haddad');
  await expect(first.ownerName).toHaveValue('Noor Haddad');
  await expect(second.key).toHaveValue(await first.key.inputValue());
});

test('a tab that looks up its key takes over the edits that another tab makes meanwhile', async ({
  page,
  secondTab,
}) => {
  const [first, second, input] = [new ProvisionForm(page), new ProvisionForm(secondTab), newTenantInput()];
  const hold = new ResponseHold();
  await first.openWith(input);
  await second.open();
  await second.expectValues(input);
  await secondTab.route(FIND_BY_KEY, hold.apply);
  await first.startOver.click();
  await hold.reached;
  await first.name.fill('Blue Harbour');
  await first.ownerName.fill('Noor Haddad');
  await expect(first.saved).toBeVisible();
  hold.release();
  for (const form of [first, second]) {
    await expect(form.name).toHaveValue('Blue Harbour');
    await expect(form.ownerName).toHaveValue('Noor Haddad');
  }
  await expect(second.key).toHaveValue(await first.key.inputValue());
});

test('a tab reports that another tab has submitted the draft', async ({ page, secondTab }) => {
  const [first, second, input] = [new ProvisionForm(page), new ProvisionForm(secondTab), newTenantInput()];
  await first.openWith(input);
  await second.open();
  await second.expectValues(input);
  await first.submitSuccessfully();
  await expect(secondTab.getByText('This draft was submitted in another tab')).toBeVisible();
  await secondTab.getByRole('link', { name: 'Open that request' }).click();
  await expect(secondTab.getByTestId('history-detail')).toContainText(input.name);
  await expectOneTenant(input);
});

test('submitting one draft in two tabs at once creates one tenant', async ({
  page,
  secondTab,
  pageErrors,
}) => {
  // The second call is refused if the first one still runs after 2 s. The tab then waits for the outcome.
  pageErrors.expect(/409/);
  const [first, second, input] = [new ProvisionForm(page), new ProvisionForm(secondTab), newTenantInput()];
  await first.openWith(input);
  await second.open();
  await second.expectValues(input);
  // Find both buttons before either is pressed, because a finished submit removes the form of the other tab.
  const buttons = await Promise.all([first, second].map((form) => form.submit.elementHandle()));
  const press = (button: HTMLElement | SVGElement) => (button as HTMLElement).click();
  await Promise.all(buttons.map((button) => button!.evaluate(press)));
  for (const tab of [page, secondTab]) {
    const result = tab
      .getByTestId('prov-success')
      .or(tab.getByText('This draft was submitted in another tab'));
    await expect(result.first()).toBeVisible();
  }
  await expectOneTenant(input);
});

test('a slug that is taken between check and submit is refused, and a suggestion can be used', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/409/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const key = await form.key.inputValue();
  const { tenant } = await createTenant({ ...newTenantInput(), slug: input.slug });
  await form.submit.click();

  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');
  await form.expectRefused(input, form.slug);
  await expect(form.slugStatus.getByRole('link', { name: tenant.code })).toBeVisible();
  await expect(form.suggestions).toHaveCount(3);
  await form.suggestions.first().click();
  await expect(form.error).toHaveCount(0);
  await expect(form.slugStatus).toHaveAttribute('data-state', 'available');
  // The key of a failed request can be used again, so another attempt belongs to the same request.
  await expect(form.key).toHaveValue(key);
  await form.submitSuccessfully();
  await expect(page.getByText(`${input.slug}-2`).first()).toBeVisible();
  await expectOneTenant(input);
  const [request] = await findRequests(input.ownerEmail);
  expect(request.attempts).toBe(2);
});

test('a reload after a refusal restores the draft', async ({ page, pageErrors }) => {
  pageErrors.expect(/409/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await createTenant({ ...newTenantInput(), slug: input.slug });
  await form.submit.click();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');
  await reload(page);
  await form.expectValues(input);
  await expect(form.slugStatus).toHaveAttribute('data-state', 'taken');
});

test('a missing response is reported, and a retry with the same key creates one tenant', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/api\/fn\/provision/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await page.route(PROVISION, (route) => route.abort());
  await form.submit.click();
  await expect(form.error).toBeVisible({ timeout: 40_000 });
  await expect(form.errorCode).toHaveText('UNREACHABLE');
  await page.unroute(PROVISION);
  await form.retry.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(input);
});

test('edits after a missing response are saved', async ({ page, pageErrors }) => {
  pageErrors.expect(/api\/fn\/provision/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await page.route(PROVISION, (route) => route.abort());
  await form.submit.click();
  await expect(form.errorCode).toHaveText('UNREACHABLE', { timeout: 40_000 });
  await page.getByRole('button', { name: 'Back to the draft' }).click();
  await form.ownerName.fill('Noor Haddad');
  await form.expectSaved();
  await reload(page);
  await form.expectValues({ ...input, ownerName: 'Noor Haddad' });
});

test('a tenant is found by its key if the response was lost', async ({ page, pageErrors }) => {
  pageErrors.expect(/api\/fn\/provision/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await page.route(PROVISION, loseResponse);
  await form.submit.click();
  await expect(form.success).toHaveAttribute('data-replayed', 'true', { timeout: 40_000 });
  await expectOneTenant(input);
});

test('a refusal because of an ended session is not an attempt', async ({ page, context, pageErrors }) => {
  pageErrors.expect(/401/, /api\/fn\/provision/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const session = await context.cookies();
  await context.clearCookies();
  await form.submit.click();
  await expect(form.errorCode).toHaveText('UNAUTHENTICATED');
  await context.addCookies(session);

  // The next submit is the first attempt. Its refusal is found although the response is lost.
  await createTenant({ ...newTenantInput(), slug: input.slug });
  await page.route(PROVISION, loseResponse);
  await page.getByRole('button', { name: 'Back to the draft' }).click();
  await form.submit.click();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG', { timeout: 40_000 });
  await form.expectRefused(input, form.slug);
  await expect(form.suggestions).toHaveCount(3);
});

test('a refusal from before hydration is not taken for the outcome of a later submit', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/409/, /api\/fn\/provision/);
  const [form, input, hold] = [new ProvisionForm(page), newTenantInput(), new ResponseHold()];
  await createTenant({ ...newTenantInput(), slug: input.slug });
  await page.route('**/*.wasm', hold.apply);
  await page.goto('/provision');
  await hold.reached;
  await form.fill(input);
  await form.slug.fill(input.slug);
  await form.submit.click();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');

  hold.release();
  await waitForHydration(page);
  await page.route(PROVISION, (route) => route.abort());
  await form.submit.click();
  await expect(form.errorCode).toHaveText('UNREACHABLE', { timeout: 40_000 });
});

test('leaving the page during a submit keeps the secret for the request page and deletes the draft', async ({
  page,
}) => {
  const [form, input, hold] = [new ProvisionForm(page), newTenantInput(), new ResponseHold()];
  await form.openWith(input);
  await page.route(PROVISION, hold.apply);
  await form.submit.click();
  await hold.reached;
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect(page.getByTestId('history-page')).toBeVisible();
  hold.release();
  const drafts = () => Object.keys(localStorage).filter((name) => name.startsWith('tenantry.draft'));
  await expect.poll(() => page.evaluate(drafts)).toEqual([]);
  await page.getByRole('link', { name: input.name }).click();
  await expect(form.secret).toHaveText(/^sk_live_/);
  await form.open();
  await expect(form.name).toHaveValue('');
  await expectOneTenant(input);
});
