import { randomUUID } from 'node:crypto';
import { postTenant, createTenant } from '../support/api';
import { newTenantInput, uniqueTag } from '../support/new-tenant-input';
import { expect, waitForHydration, open, test } from '../support/test';

test('the history lists completed and failed requests', async ({ page }) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  expect((await postTenant({ ...input, ownerEmail: newTenantInput().ownerEmail })).status).toBe(409);
  await open(page, `/provisioning?q=${input.slug}`);
  const rows = page.getByTestId('history-row');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('DUPLICATE_SLUG');
  await expect(rows.first()).toContainText('Failed');
  await expect(rows.last()).toContainText(tenant.code);
  await expect(rows.last()).toContainText('Completed');
});

test('the pointer shows the exact local time of a request', async ({ page }) => {
  const input = newTenantInput();
  await createTenant(input);
  await open(page, `/provisioning?q=${input.slug}`);
  const time = page.getByTestId('history-row').locator('time');
  await time.hover();
  await expect(time).toHaveAttribute('title', /^\d{1,2} \w{3,4} 20\d\d, \d\d:\d\d:\d\d \S/);
});

for (const minutes of [-10, 10]) {
  test(`times are relative to the server's clock, from which the browser's differs by ${minutes} min`, async ({
    page,
  }) => {
    await page.addInitScript((offset) => {
      const now = Date.now;
      Date.now = () => now() + offset;
    }, minutes * 60_000);
    const input = newTenantInput();
    await createTenant(input);
    await open(page, `/provisioning?q=${input.slug}`);
    await expect(page.getByTestId('history-row').locator('time')).toHaveText(/^(just now|\d+ s ago)$/);
    await page.getByRole('link', { name: input.name }).click();
    await expect(page.locator('.facts time')).toHaveText(/^(just now|\d+ s ago)$/);
  });
}

test('the URL contains the filters by status and code', async ({ page, secondTab }) => {
  const input = newTenantInput();
  await createTenant(input);
  await postTenant({ ...input, ownerEmail: newTenantInput().ownerEmail });
  await open(page, `/provisioning?q=${input.slug}`);
  const rows = page.getByTestId('history-row');
  await page.getByRole('group', { name: 'Filters' }).getByRole('link', { name: 'Completed' }).click();
  await expect(page).toHaveURL(/status=completed/);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Completed');

  await page.getByRole('group', { name: 'Filters' }).getByRole('link', { name: 'Completed' }).click();
  await expect(rows).toHaveCount(2);
  await page.getByLabel('Error code').selectOption('DUPLICATE_SLUG');
  await page.getByTestId('history-apply').click();
  await expect(page).toHaveURL(/code=DUPLICATE_SLUG/);
  await expect(rows).toHaveCount(1);

  await open(secondTab, page.url());
  await expect(secondTab.getByTestId('history-row')).toHaveCount(1);
});

test('the search finds a request by slug, name, e-mail, tenant code, request ID and key', async ({
  page,
}) => {
  const [input, key] = [newTenantInput(), randomUUID()];
  const created = await (await postTenant(input, key)).json();
  await open(page, '/provisioning');
  for (const text of [
    input.slug,
    input.name,
    input.ownerEmail,
    created.tenant.code,
    created.requestId,
    key,
  ]) {
    await page.getByTestId('history-search').fill(text);
    await page.getByTestId('history-apply').click();
    await expect(page).toHaveURL((address) => address.searchParams.get('q') === text);
    await expect(page.getByTestId('history-row')).toHaveCount(1);
    await expect(page.getByTestId('history-row')).toContainText(input.name);
  }
  await page.getByTestId('history-search').fill(uniqueTag());
  await page.getByTestId('history-apply').click();
  await expect(page.getByText('No matching requests')).toBeVisible();
});

test('each request is on exactly one page of the history', async ({ page }) => {
  const [tag, count] = [uniqueTag(), 60];
  for (let first = 0; first < count; first += 10) {
    const batch = Array.from({ length: 10 }, (_, offset) => ({
      ...newTenantInput(),
      name: `${tag} ${first + offset}`,
      slug: 'admin',
    }));
    const responses = await Promise.all(batch.map((input) => postTenant(input)));
    expect(responses.map((response) => response.status)).toEqual(batch.map(() => 422));
  }
  await open(page, `/provisioning?q=${tag}`);
  const seen: string[] = [];
  const older = page.getByRole('link', { name: 'Older' });
  const rows = page.getByTestId('history-row').getByRole('link');
  seen.push(...(await rows.allInnerTexts()));
  while ((await older.count()) > 0) {
    const last = seen[seen.length - 1];
    await older.click();
    await expect(rows.first()).not.toHaveText(seen[0]);
    await expect(page.getByText(last, { exact: true })).toHaveCount(0);
    seen.push(...(await rows.allInnerTexts()));
  }
  expect(seen).toHaveLength(count);
  expect(new Set(seen).size).toBe(count);
  await page.getByRole('link', { name: 'Newest' }).click();
  await expect(rows.first()).toHaveText(seen[0]);
});

test("a request's page shows its stages, attempts, payload and audit entries", async ({ page }) => {
  const [input, key] = [newTenantInput(), randomUUID()];
  const taken = newTenantInput();
  await createTenant(taken);
  expect((await postTenant({ ...input, slug: taken.slug }, key)).status).toBe(409);
  const created = await (await postTenant(input, key)).json();
  await open(page, `/provisioning?q=${input.slug}`);
  await page.getByRole('link', { name: input.name }).click();
  const detail = page.getByTestId('history-detail');
  await expect(page).toHaveURL(new RegExp(created.requestId));
  await expect(page.getByTestId('prov-stage')).toHaveCount(10);
  await expect(detail).toContainText('Committed together in');
  await expect(detail.getByRole('region', { name: 'Attempts' }).locator('tbody tr')).toHaveCount(2);
  await expect(detail.getByRole('region', { name: 'Attempts' })).toContainText('DUPLICATE_SLUG');
  await expect(detail).toContainText(key);
  await expect(detail.getByText(/^tenant/i).first()).toBeVisible();
  await detail.getByText('Request payload').click();
  await expect(detail.locator('pre')).toContainText(input.ownerEmail);
  expect(await detail.innerText()).not.toContain('sk_live');
});

test('without external systems, the plan and the request have one line, with the steps in a disclosure', async ({
  page,
}) => {
  const line = 'No external systems configured: active immediately';
  await open(page, '/provision');
  const review = page.getByTestId('prov-review');
  await expect(review.getByText(line)).toBeVisible();
  await expect(review.getByTestId('plan-step').first()).toBeHidden();
  await review.getByText(line).click();
  await expect(review.getByTestId('plan-step').first()).toBeVisible();
  await expect(review.getByText('Odoo 18 is not configured.')).toBeVisible();

  const { requestId } = await createTenant(newTenantInput());
  await open(page, `/provisioning/${requestId}`);
  await expect(page.getByTestId('req-summary')).toHaveText(line);
  await expect(page.getByTestId('req-step').first()).toBeHidden();
  await page.getByText('Skipped steps').click();
  await expect(page.getByTestId('req-step')).toHaveCount(7);
  await expect(page.getByTestId('req-step').first()).toBeVisible();
});

test('the page of a refused request shows the cause and the failed stage', async ({ page }) => {
  const input = newTenantInput();
  await createTenant(input);
  await postTenant({ ...input, ownerEmail: newTenantInput().ownerEmail });
  await open(page, `/provisioning?q=${input.slug}&status=failed`);
  await page.getByRole('link', { name: input.name }).click();
  await waitForHydration(page);
  await expect(page.getByTestId('prov-error-code')).toHaveText('DUPLICATE_SLUG');
  await expect(page.getByTestId('history-detail')).toContainText('Nothing was left behind');
  await expect(page.locator('[data-testid=prov-stage][data-state=failed]')).toHaveCount(1);
});

test('an unknown request shows an error', async ({ page, pageErrors }) => {
  pageErrors.expect(/404/);
  await open(page, `/provisioning/${randomUUID()}`);
  await expect(page.getByTestId('history-detail')).toContainText('RESOURCE_NOT_FOUND');
});

test('an open history shows new requests automatically', async ({ page }) => {
  const input = newTenantInput();
  await open(page, `/provisioning?q=${input.slug}`);
  await expect(page.getByText('No matching requests')).toBeVisible();
  await createTenant(input);
  await expect(page.getByTestId('history-row')).toContainText(input.name);
});

test('an open history shows new requests while a clicked link has the focus', async ({ page }) => {
  const input = newTenantInput();
  await open(page, `/provisioning?q=${input.slug}`);
  const filter = page.getByRole('group', { name: 'Filters' }).getByRole('link', { name: 'Completed' });
  await filter.click();
  await expect(page).toHaveURL(/status=completed/);
  await expect(filter).toBeFocused();
  await createTenant(input);
  await expect(page.getByTestId('history-row')).toContainText(input.name);
  await expect(filter).toBeFocused();
});

test('an update of the history keeps the focus on the same request', async ({ page }) => {
  const tag = uniqueTag();
  const create = (name: string) => createTenant({ ...newTenantInput(), name: `${tag} ${name}` });
  await create('first');
  await open(page, `/provisioning?q=${tag}`);
  const first = page.getByRole('link', { name: `${tag} first` });
  await first.focus();
  await create('second');
  await expect(page.getByTestId('history-row')).toHaveCount(2);
  await expect(page.getByTestId('history-row').first()).toContainText(`${tag} second`);
  await expect(first).toBeFocused();
});
