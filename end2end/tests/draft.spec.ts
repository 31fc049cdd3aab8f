import { expectOneTenant } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { newTenantInput } from '../support/new-tenant-input';
import { ResponseHold } from '../support/response-hold';
import { ProvisionForm, setWithoutEvents } from '../support/provision-form';
import { expect, waitForHydration, open, reload, signIn, test } from '../support/test';
import { ADMIN, testEnvironment } from '../support/test-environment';

test('the error summary lists all invalid fields, has the focus and links to the fields', async ({
  page,
}) => {
  const form = new ProvisionForm(page);
  await form.open();
  await form.slug.fill('a-');
  await form.ownerEmail.fill('mira');
  await page.locator('#commission').fill('one hundred');
  await form.submit.click();

  await expect(form.errorSummary).toBeFocused();
  const links = form.errorSummary.getByRole('link');
  await expect(links).toHaveCount(5);
  const fields = await links.evaluateAll((elements) => elements.map((link) => link.getAttribute('href')));
  expect(fields).toEqual(['#name', '#slug', '#owner-name', '#owner-email', '#commission']);
  for (const field of fields) {
    await expect(page.locator(field as string)).toHaveAttribute('aria-invalid', 'true');
  }
  await links
    .filter({ hasText: /e-mail|address/i })
    .last()
    .click();
  await expect(form.ownerEmail).toBeFocused();

  await form.name.fill('Golden Spoon');
  await expect(form.errorSummary.getByRole('link')).toHaveCount(4);
});

test('the draft is saved on every change and restored with its key after a reload', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await page.locator('#plan').selectOption('enterprise');
  await form.slug.fill(`${input.slug}-x`);
  const key = await form.key.inputValue();

  await reload(page);
  await form.expectValues({ ...input, slug: `${input.slug}-x` });
  await expect(page.locator('#plan')).toHaveValue('enterprise');
  await expect(form.key).toHaveValue(key);
  await form.expectSaved();
  // The slug was edited before the reload, so it does not follow the name.
  await form.name.fill('Something else');
  await expect(form.slug).toHaveValue(`${input.slug}-x`);

  await form.submitSuccessfully();
  await expectOneTenant(input);
});

test('input before hydration is kept', async ({ page }) => {
  const [form, input, hold] = [new ProvisionForm(page), newTenantInput(), new ResponseHold()];
  await page.route('**/*.wasm', hold.apply);
  await page.goto('/provision');
  await hold.reached;
  await form.name.fill(input.name);
  await form.ownerEmail.fill(input.ownerEmail);
  await page.locator('#plan').selectOption('lite');
  hold.release();
  await waitForHydration(page);
  await form.expectValues({ ...input, ownerName: '' });
  await expect(page.locator('#plan')).toHaveValue('lite');
  await form.expectSaved();
});

test('values that a password manager sets without events count at submit', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.open();
  await setWithoutEvents(form.name, input.name);
  await setWithoutEvents(form.ownerName, input.ownerName);
  await setWithoutEvents(form.ownerEmail, input.ownerEmail);
  await form.submitSuccessfully();
  // The slug follows the name.
  await expect(page.getByText(input.slug, { exact: true }).first()).toBeVisible();
  await expectOneTenant(input);
});

test('another employee in the same browser does not see the draft', async ({ page, context }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await context.clearCookies();
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('ADMIN'));
  await open(page, '/login?next=/provision');
  await signIn(page, email, password);
  // The page loads a stored draft after hydration. The sign-in page also has `data-hydrated`, so first wait
  // for the form.
  await form.submit.waitFor();
  await waitForHydration(page);
  await form.expectEmpty();

  await context.clearCookies();
  await open(page, '/login?next=/provision');
  await signIn(page, ADMIN.email, ADMIN.password);
  await form.expectValues(input);
});

test('“Start over” empties the form and replaces the key, and can be undone', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const key = await form.key.inputValue();
  await form.startOver.click();
  await form.expectEmpty();
  await expect(form.key).not.toHaveValue(key);
  await expect(form.name).toBeFocused();

  await page.getByTestId('prov-undo-discard').click();
  await form.expectValues(input);
  await expect(form.key).toHaveValue(key);
  await reload(page);
  await form.expectValues(input);
});

test('after “Start over” a reload shows an empty form', async ({ page }) => {
  const form = new ProvisionForm(page);
  await form.openWith(newTenantInput());
  await form.startOver.click();
  await expect(form.name).toHaveValue('');
  await reload(page);
  await expect(form.name).toHaveValue('');
  await expect(form.slug).toHaveValue('');
});

test("no secret is written to the browser's storage", async ({ page, context }) => {
  await context.addInitScript(() => {
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (name: string, value: string) {
      console.info(`stored ${name}=${value}`);
      set.call(this, name, value);
    };
  });
  const stored: string[] = [];
  page.on('console', (message) => message.text().startsWith('stored ') && stored.push(message.text()));
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submit.click();
  const secret = await form.secret.innerText();
  const invitation = await page.getByTestId('prov-invitation').locator('code').innerText();

  expect(stored.length).toBeGreaterThan(0);
  const written = stored.join('\n');
  for (const text of [secret, 'sk_live', invitation, invitation.split('/').pop() as string, 'password']) {
    expect(written).not.toContain(text);
  }
  const storage = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(storage).not.toContain(input.slug);
  expect(storage).not.toContain('sk_live');
});

test('an ended session is reported, and the draft is restored after signing in', async ({
  page,
  context,
  pageErrors,
}) => {
  pageErrors.expect(/401/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await context.clearCookies();
  await form.slug.fill(`${input.slug}-2`);
  await expect(form.slugStatus).toHaveAttribute('data-state', 'unknown');
  await expect(form.slugStatus).toContainText('your session ended');
  await form.submit.click();
  await expect(form.errorCode).toHaveText('UNAUTHENTICATED');

  await form.error.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/provision$/);
  await form.expectValues({ ...input, slug: `${input.slug}-2` });
  await form.submitSuccessfully();
  await expectOneTenant(input);
});
