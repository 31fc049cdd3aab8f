import { expectOneTenant, make, requests } from '../support/api';
import { customer } from '../support/customer';
import { Gate, PROVISION, ProvisionForm } from '../support/form';
import { expect, hydrated, open, reload, test } from '../support/test';

test('refreshing before submit keeps the draft, which then makes one tenant', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await reload(page);
  await reload(page);
  await form.expectHolds(golden);
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});

test('refreshing while the answer is on its way shows the tenant, and makes no other', async ({ page }) => {
  const [form, golden, gate] = [new ProvisionForm(page), customer(), new Gate()];
  await form.openWith(golden);
  await page.route(PROVISION, gate.holdAnswer);
  await form.submit.click();
  await expect(form.progress).toBeVisible();
  await expect(form.stages).toHaveCount(10);
  await gate.reached;

  await reload(page);
  gate.release();
  await expect(form.success).toHaveAttribute('data-replayed', 'true');
  await expect(page.getByText(golden.name).first()).toBeVisible();
  await expectOneTenant(golden);
});

test('refreshing before the request left says so, and trying again makes one tenant', async ({
  page,
  faults,
}) => {
  faults.expect(/api\/fn\/provision/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await page.route(PROVISION, () => undefined);
  await form.submit.click();
  await expect(form.progress).toBeVisible();
  await reload(page);
  await page.unroute(PROVISION);
  await form.retry.click({ timeout: 20_000 });
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});

test('refreshing after success shows the request, and the form is empty again', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.click();
  await expect(form.success).toBeVisible();
  await reload(page);
  await expect(page.getByTestId('history-detail')).toContainText(golden.slug);
  await expect(form.stages).toHaveCount(10);
  await form.open();
  await expect(form.name).toHaveValue('');
  await expectOneTenant(golden);
});

test('pressing submit many times makes one tenant', async ({ page }) => {
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await form.submit.evaluate((button: HTMLButtonElement) => {
    for (let press = 0; press < 5; press += 1) button.click();
  });
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});

test('two tabs share one draft: what is typed in one appears in the other', async ({ page, secondTab }) => {
  const [first, second, golden] = [new ProvisionForm(page), new ProvisionForm(secondTab), customer()];
  await first.open();
  await second.open();
  await first.fill(golden);
  await second.expectHolds(golden);
  await second.ownerName.fill('Noor Haddad');
  await expect(first.ownerName).toHaveValue('Noor Haddad');
  expect(await second.key.inputValue()).toBe(await first.key.inputValue());
});

test('a draft that was submitted in another tab says so in this one', async ({ page, secondTab }) => {
  const [first, second, golden] = [new ProvisionForm(page), new ProvisionForm(secondTab), customer()];
  await first.openWith(golden);
  await second.open();
  await second.expectHolds(golden);
  await first.submit.click();
  await expect(first.success).toBeVisible();
  await expect(secondTab.getByText('This draft was submitted in another tab')).toBeVisible();
  await secondTab.getByRole('link', { name: 'Open that request' }).click();
  await expect(secondTab.getByTestId('history-detail')).toContainText(golden.name);
  await expectOneTenant(golden);
});

test('submitting one draft in two tabs at once makes one tenant', async ({ page, secondTab }) => {
  const [first, second, golden] = [new ProvisionForm(page), new ProvisionForm(secondTab), customer()];
  await first.openWith(golden);
  await second.open();
  await second.expectHolds(golden);
  const press = (button: HTMLButtonElement) => button.click();
  await Promise.all([first.submit.evaluate(press), second.submit.evaluate(press)]);
  for (const tab of [page, secondTab]) {
    const ended = tab
      .getByTestId('prov-success')
      .or(tab.getByText('This draft was submitted in another tab'));
    await expect(ended.first()).toBeVisible();
  }
  await expectOneTenant(golden);
});

test('a slug that is taken between check and submit is refused with its code; a suggestion leads on', async ({
  page,
  faults,
}) => {
  faults.expect(/409/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  const { tenant } = await make({ ...customer(), slug: golden.slug });
  await form.submit.click();

  await expect(form.error).toBeVisible();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');
  await expect(form.error).toContainText(tenant.code);
  await expect(page.getByText('Nothing was left behind')).toBeVisible();
  await expect(form.suggestions).toHaveCount(2);
  await page.getByTestId('prov-apply-suggestion').click();
  await expect(form.success).toBeVisible();
  await expect(page.getByText(`${golden.slug}-2`).first()).toBeVisible();
  await expectOneTenant(golden);
  const [request] = await requests(golden.ownerEmail);
  expect(request.attempts).toBe(2);
});

test('after a refusal a reload brings the draft back', async ({ page, faults }) => {
  faults.expect(/409/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await make({ ...customer(), slug: golden.slug });
  await form.submit.click();
  await expect(form.errorCode).toHaveText('DUPLICATE_SLUG');
  await reload(page);
  await form.expectHolds(golden);
  await expect(form.slugStatus).toHaveAttribute('data-state', 'taken');
});

test('no answer from the server is said as such, and trying again with the same key makes one tenant', async ({
  page,
  faults,
}) => {
  faults.expect(/api\/fn\/provision/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await page.route(PROVISION, (route) => route.abort());
  await form.submit.click();
  await expect(form.error).toBeVisible({ timeout: 20_000 });
  await expect(form.errorCode).toHaveText('UNREACHABLE');
  await page.unroute(PROVISION);
  await form.retry.click();
  await expect(form.success).toBeVisible();
  await expectOneTenant(golden);
});

test('after a request without an answer, going back and editing keeps every edit', async ({
  page,
  faults,
}) => {
  faults.expect(/api\/fn\/provision/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await page.route(PROVISION, (route) => route.abort());
  await form.submit.click();
  await expect(form.errorCode).toHaveText('UNREACHABLE', { timeout: 20_000 });
  await page.getByRole('button', { name: 'Back to the draft' }).click();
  await form.ownerName.fill('Noor Haddad');
  await form.expectSaved();
  await reload(page);
  await form.expectHolds({ ...golden, ownerName: 'Noor Haddad' });
});

test('an answer that is lost after the tenant was made is found by the key', async ({ page, faults }) => {
  faults.expect(/api\/fn\/provision/);
  const [form, golden] = [new ProvisionForm(page), customer()];
  await form.openWith(golden);
  await page.route(PROVISION, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await form.submit.click();
  await expect(form.success).toHaveAttribute('data-replayed', 'true', { timeout: 20_000 });
  await expectOneTenant(golden);
});

test('a page that is left while it runs leaves a tenant, tells its secret there, and the draft is not offered again', async ({
  page,
}) => {
  const [form, golden, gate] = [new ProvisionForm(page), customer(), new Gate()];
  await form.openWith(golden);
  await page.route(PROVISION, gate.holdAnswer);
  await form.submit.click();
  await gate.reached;
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect(page.getByTestId('history-page')).toBeVisible();
  gate.release();
  const drafts = () => Object.keys(localStorage).filter((name) => name.startsWith('tenantry.draft'));
  await expect.poll(() => page.evaluate(drafts)).toEqual([]);
  await page.getByRole('link', { name: golden.name }).click();
  await expect(form.secret).toHaveText(/^sk_live_/);
  await open(page, '/provision');
  await hydrated(page);
  await expect(form.name).toHaveValue('');
  await expectOneTenant(golden);
});
