import { expectOneTenant } from '../support/api';
import { customer, tag } from '../support/customer';
import { Gate, ProvisionForm } from '../support/form';
import { tenantry } from '../support/processes';
import { expect, hydrated, open, reload, signIn, test } from '../support/test';
import { ADMIN, world } from '../support/world';

test('every field at fault is named at once, in a summary that has the focus and leads to the fields', async ({
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
  const fields = await links.evaluateAll((found) => found.map((link) => link.getAttribute('href')));
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

test('the draft is saved on every change and there again after a reload, with its key', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await page.locator('#plan').selectOption('enterprise');
  await form.slug.fill(`${golden.slug}-x`);
  const key = await form.key.inputValue();

  await reload(page);
  await form.expectHolds({ ...golden, slug: `${golden.slug}-x` });
  await expect(page.locator('#plan')).toHaveValue('enterprise');
  await expect(form.key).toHaveValue(key);
  await form.expectSaved();
  // It was edited by hand before the reload, so it does not follow the name after it.
  await form.name.fill('Something else');
  await expect(form.slug).toHaveValue(`${golden.slug}-x`);

  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});

test('what is typed before the page answers is kept', async ({ page }) => {
  const [form, golden, gate] = [new ProvisionForm(page), customer(), new Gate()];
  await page.route('**/*.wasm', gate.holdAnswer);
  await page.goto('/provision');
  await gate.reached;
  await form.name.fill(golden.name);
  await form.ownerEmail.fill(golden.ownerEmail);
  await page.locator('#plan').selectOption('lite');
  gate.release();
  await hydrated(page);
  await form.expectHolds({ ...golden, ownerName: '' });
  await expect(page.locator('#plan')).toHaveValue('lite');
  await form.expectSaved();
});

test('another person at the same browser does not see the draft, and its owner does again', async ({
  page,
  context,
}) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await context.clearCookies();
  const [email, password] = [`${tag()}@platform.example`, 'paper kites over the quiet bay'];
  await tenantry(
    world().dataDir,
    ['admin', 'create', '--email', email, '--role', 'ADMIN', '--name', 'Bo Lind'],
    password,
  );
  await open(page, '/login?next=/provision');
  await signIn(page, email, password);
  await form.expectHolds({ name: '', slug: '', ownerName: '', ownerEmail: '' });

  await context.clearCookies();
  await open(page, '/login?next=/provision');
  await signIn(page, ADMIN.email, ADMIN.password);
  await form.expectHolds(golden);
});

test('“start over” empties the form and gives a new key; what was there can be brought back', async ({
  page,
}) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  const key = await form.key.inputValue();
  await form.startOver.click();
  await form.expectHolds({ name: '', slug: '', ownerName: '', ownerEmail: '' });
  await expect(form.key).not.toHaveValue(key);
  await expect(form.name).toBeFocused();

  await page.getByTestId('prov-undo').click();
  await form.expectHolds(golden);
  await expect(form.key).toHaveValue(key);
  await reload(page);
  await form.expectHolds(golden);
});

test('after “start over” a reload shows an empty form', async ({ page }) => {
  const form = new ProvisionForm(page);
  await form.openWith(customer());
  await form.startOver.click();
  await expect(form.name).toHaveValue('');
  await reload(page);
  await expect(form.name).toHaveValue('');
  await expect(form.slug).toHaveValue('');
});

test('nothing secret is ever written to the browser’s storage', async ({ page, context }) => {
  await context.addInitScript(() => {
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (name: string, value: string) {
      console.info(`stored ${name}=${value}`);
      set.call(this, name, value);
    };
  });
  const stored: string[] = [];
  page.on('console', (message) => message.text().startsWith('stored ') && stored.push(message.text()));
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.click();
  const secret = await form.secret.innerText();
  const invitation = await page.getByTestId('prov-invitation').locator('code').innerText();

  expect(stored.length).toBeGreaterThan(0);
  const written = stored.join('\n');
  for (const text of [secret, 'sk_live', invitation, invitation.split('/').pop() as string, 'password']) {
    expect(written).not.toContain(text);
  }
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(golden.slug);
  expect(kept).not.toContain('sk_live');
});

test('a session that ends in the middle of a draft is said, and the draft is there after signing in again', async ({
  page,
  context,
  faults,
}) => {
  faults.expect(/401/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await context.clearCookies();
  await form.slug.fill(`${golden.slug}-2`);
  await expect(form.slugStatus).toHaveAttribute('data-state', 'unknown');
  await expect(form.slugStatus).toContainText('your session ended');
  await form.submit.click();
  await expect(form.errorCode).toHaveText('UNAUTHENTICATED');

  await form.error.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/provision$/);
  await form.expectHolds({ ...golden, slug: `${golden.slug}-2` });
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});
