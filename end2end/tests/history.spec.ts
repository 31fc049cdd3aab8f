import { randomUUID } from 'node:crypto';
import { askFor, make } from '../support/api';
import { customer, tag } from '../support/customer';
import { expect, hydrated, open, test } from '../support/test';

test('the history lists what was made and what was not', async ({ page }) => {
  const golden = customer();
  const { tenant } = await make(golden);
  expect((await askFor({ ...golden, ownerEmail: customer().ownerEmail })).status).toBe(409);
  await open(page, `/provisioning?q=${golden.slug}`);
  const rows = page.getByTestId('history-row');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('DUPLICATE_SLUG');
  await expect(rows.first()).toContainText('Failed');
  await expect(rows.last()).toContainText(tenant.code);
  await expect(rows.last()).toContainText('Completed');
});

test('filters by status and by code stand in the address', async ({ page, secondTab }) => {
  const golden = customer();
  await make(golden);
  await askFor({ ...golden, ownerEmail: customer().ownerEmail });
  await open(page, `/provisioning?q=${golden.slug}`);
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

test('the search finds slug, name, e-mail, tenant code, request and key', async ({ page }) => {
  const [golden, key] = [customer(), randomUUID()];
  const made = await (await askFor(golden, key)).json();
  await open(page, '/provisioning');
  for (const text of [golden.slug, golden.name, golden.ownerEmail, made.tenant.code, made.requestId, key]) {
    await page.getByTestId('history-search').fill(text);
    await page.getByTestId('history-apply').click();
    await expect(page).toHaveURL((address) => address.searchParams.get('q') === text);
    await expect(page.getByTestId('history-row')).toHaveCount(1);
    await expect(page.getByTestId('history-row')).toContainText(golden.name);
  }
  await page.getByTestId('history-search').fill(tag());
  await page.getByTestId('history-apply').click();
  await expect(page.getByText('Nothing matches')).toBeVisible();
});

test('older pages go on where the last one ended, and every attempt is on one of them', async ({ page }) => {
  const [own, count] = [tag(), 60];
  for (let place = 0; place < count; place += 10) {
    const batch = Array.from({ length: 10 }, (_, offset) => ({
      ...customer(),
      name: `${own} ${place + offset}`,
      slug: 'admin',
    }));
    const answers = await Promise.all(batch.map((refused) => askFor(refused)));
    expect(answers.map((answer) => answer.status)).toEqual(batch.map(() => 422));
  }
  await open(page, `/provisioning?q=${own}`);
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
  await page.getByRole('link', { name: 'Newer' }).click();
  await expect(rows.first()).toHaveText(seen[0]);
});

test('a request’s page tells its stages, attempts, payload and audit entries', async ({ page }) => {
  const [golden, key] = [customer(), randomUUID()];
  const taken = customer();
  await make(taken);
  expect((await askFor({ ...golden, slug: taken.slug }, key)).status).toBe(409);
  const made = await (await askFor(golden, key)).json();
  await open(page, `/provisioning?q=${golden.slug}`);
  await page.getByRole('link', { name: golden.name }).click();
  const detail = page.getByTestId('history-detail');
  await expect(page).toHaveURL(new RegExp(made.requestId));
  await expect(page.getByTestId('prov-stage')).toHaveCount(10);
  await expect(detail).toContainText('Committed together in');
  await expect(detail.getByRole('region', { name: 'Attempts' }).locator('tbody tr')).toHaveCount(2);
  await expect(detail.getByRole('region', { name: 'Attempts' })).toContainText('DUPLICATE_SLUG');
  await expect(detail).toContainText(key);
  await expect(detail.getByText(/^tenant/i).first()).toBeVisible();
  await detail.getByText('What was asked for').click();
  await expect(detail.locator('pre')).toContainText(golden.ownerEmail);
  expect(await detail.innerText()).not.toContain('sk_live');
});

test('the page of a refused request tells why and how far it came', async ({ page }) => {
  const golden = customer();
  await make(golden);
  await askFor({ ...golden, ownerEmail: customer().ownerEmail });
  await open(page, `/provisioning?q=${golden.slug}&status=failed`);
  await page.getByRole('link', { name: golden.name }).click();
  await hydrated(page);
  await expect(page.getByTestId('prov-error-code')).toHaveText('DUPLICATE_SLUG');
  await expect(page.getByTestId('history-detail')).toContainText('Nothing was left behind');
  await expect(page.locator('[data-testid=prov-stage][data-state=failed]')).toHaveCount(1);
});

test('a request that is not on record says so', async ({ page, faults }) => {
  faults.expect(/404/);
  await open(page, `/provisioning/${randomUUID()}`);
  await expect(page.getByTestId('history-detail')).toContainText('RESOURCE_NOT_FOUND');
});

test('an open list shows by itself what is made meanwhile', async ({ page }) => {
  const golden = customer();
  await open(page, `/provisioning?q=${golden.slug}`);
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await make(golden);
  await expect(page.getByTestId('history-row')).toContainText(golden.name);
});
