import { createTenant, postTenant, rotateKey } from '../support/api';
import { createEmployee, newEmployee } from '../support/employee';
import { newTenantInput, uniqueTag } from '../support/new-tenant-input';
import { expect, open, signIn, test, waitForHydration } from '../support/test';
import { testEnvironment } from '../support/test-environment';

test('the search finds a tenant by name, slug, code, ID and the address of the owner', async ({ page }) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  await open(page, '/tenants');
  for (const text of [input.name, input.slug, tenant.code, tenant.id, input.ownerEmail]) {
    await page.getByTestId('tenants-search').fill(text);
    await page.getByTestId('tenants-apply').click();
    await expect(page).toHaveURL((address) => address.searchParams.get('q') === text);
    await expect(page.getByTestId('tenant-row')).toHaveCount(1);
    await expect(page.getByTestId('tenant-row')).toContainText(input.name);
    await expect(page.getByTestId('tenant-row')).toContainText(input.ownerEmail);
  }
  await page.getByTestId('tenants-search').fill(uniqueTag());
  await page.getByTestId('tenants-apply').click();
  await expect(page.getByText('No matching tenants')).toBeVisible();
});

test('the URL contains the filters and the order', async ({ page, secondTab }) => {
  const tag = uniqueTag();
  for (const name of [`${tag} Beech`, `${tag} apple`, `${tag} Cedar`])
    await createTenant({ ...newTenantInput(), name });
  await open(page, `/tenants?q=${tag}`);
  const names = page.getByTestId('tenant-row').getByRole('link');
  await expect(names).toHaveText([`${tag} Cedar`, `${tag} apple`, `${tag} Beech`]);
  await page.getByLabel('Sort').selectOption('name');
  await page.getByTestId('tenants-apply').click();
  await expect(names).toHaveText([`${tag} apple`, `${tag} Beech`, `${tag} Cedar`]);
  await page.getByRole('group', { name: 'Filters' }).getByRole('link', { name: 'Active' }).click();
  await expect(page).toHaveURL(/status=active/);
  await expect(names).toHaveCount(3);
  await expect(page.getByLabel('Sort')).toHaveValue('name');
  await open(secondTab, page.url());
  await expect(secondTab.getByTestId('tenant-row')).toHaveCount(3);
  await page.getByLabel('Plan').selectOption('enterprise');
  await page.getByTestId('tenants-apply').click();
  await expect(page.getByTestId('tenant-row')).toHaveCount(0);
});

test('an empty result says which tenants the status filter hides', async ({ page }) => {
  const input = newTenantInput();
  await createTenant(input);
  await open(page, `/tenants?q=${input.slug}&status=suspended`);
  await expect(page.getByText(`No suspended tenant matches “${input.slug}”`)).toBeVisible();
  await expect(
    page.getByText(`1 tenant matches without the status filter: ${input.name}, active.`),
  ).toBeVisible();
  await page.getByRole('link', { name: 'Remove the status filter' }).click();
  await expect(page).not.toHaveURL(/status=/);
  await expect(page.getByTestId('tenant-row')).toHaveCount(1);
});

test('each tenant is on exactly one page, and the list shows new tenants', async ({ page }) => {
  const [tag, count] = [uniqueTag(), 55];
  const input = (number: number) => ({ ...newTenantInput(), name: `${tag} ${number}` });
  for (let first = 0; first < count; first += 11) {
    const batch = Array.from({ length: 11 }, (_, offset) => postTenant(input(first + offset)));
    for (const response of await Promise.all(batch)) expect(response.status).toBe(201);
  }
  await open(page, `/tenants?q=${tag}`);
  const rows = page.getByTestId('tenant-row').getByRole('link');
  await expect(rows).toHaveCount(50);
  const seen = await rows.allInnerTexts();
  await page.getByRole('link', { name: 'Next page' }).click();
  await expect(rows).toHaveCount(5);
  seen.push(...(await rows.allInnerTexts()));
  expect(new Set(seen).size).toBe(count);
  await page.getByRole('link', { name: 'First page' }).click();
  await expect(rows).toHaveCount(50);
  // The page reloads its list without a reload of the page.
  await createTenant(input(count));
  await expect(rows.first()).toHaveText(`${tag} ${count}`, { timeout: 15_000 });
});

test("a tenant's page shows its owner, keys, packages, settings, branding and request", async ({ page }) => {
  const input = newTenantInput();
  const { tenant, requestId } = await createTenant(input);
  await rotateKey(input.slug);
  await open(page, `/tenants?q=${input.slug}`);
  await page.getByTestId('tenant-row').getByRole('link', { name: input.name }).press('Enter');
  await expect(page).toHaveURL(new RegExp(`/tenants/${tenant.code}$`));
  const detail = page.getByTestId('tenant-detail');
  await expect(page).toHaveTitle(`${input.name} · Tenantry`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(input.name);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Active');
  await expect(detail.locator('#owner')).toContainText(input.ownerEmail);
  await expect(detail.locator('#owner')).toContainText('Not accepted yet');
  await expect(detail.getByRole('region', { name: 'API keys' }).locator('tbody tr')).toHaveCount(2);
  await expect(detail.getByRole('region', { name: 'API keys' })).toContainText(tenant.apiKeyPublic);
  await expect(detail.locator('#packages')).toContainText('3 packages in 1 segment.');
  await expect(detail.getByRole('region', { name: 'Packages' })).toContainText('0.00 USD');
  await expect(detail.locator('#settings')).toContainText('Time zone');
  await expect(detail.locator('#branding')).toContainText('#334155');
  await expect(detail.getByRole('meter', { name: 'Users' })).toHaveAttribute('aria-valuenow', '1');
  expect(await detail.innerText()).not.toContain('sk_live');
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Branding' }).click();
  await expect(detail.locator('#branding')).toBeInViewport();
  await detail.getByRole('link', { name: 'Open the request' }).click();
  await expect(page).toHaveURL(new RegExp(requestId));
  await page.getByRole('link', { name: tenant.code }).click();
  await expect(page).toHaveURL(new RegExp(`/tenants/${tenant.code}$`));
});

test('an address with the ID or the slug of a tenant leads to the address with the code', async ({
  page,
}) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  for (const reference of [tenant.id, input.slug, tenant.code.toLowerCase()]) {
    const response = await page.goto(`/tenants/${reference}`);
    expect(response?.request().redirectedFrom()).not.toBeNull();
    await expect(page).toHaveURL(new RegExp(`/tenants/${tenant.code}$`));
    await waitForHydration(page);
    await expect(page).toHaveTitle(`${input.name} · Tenantry`);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(input.name);
  }
});

test('an unknown tenant is a 404 with a link to the registry', async ({ page, pageErrors }) => {
  pageErrors.expect(/404/);
  const response = await page.goto('/tenants/nobody-has-this-slug');
  expect(response?.status()).toBe(404);
  await expect(page.getByTestId('tenant-detail')).toContainText('TENANT_NOT_FOUND');
});

test('viewers read the registry, without exports, keys and invitations', async ({ signedOutPage: page }) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(page, `/tenants?q=${input.slug}`);
  await signIn(page, email, password);
  await expect(page.getByTestId('tenant-row')).toHaveCount(1);
  await expect(page.getByText('Download the matching tenants')).toHaveCount(0);
  await open(page, `/tenants/${tenant.code}`);
  await expect(page.locator('#owner')).toContainText(input.ownerEmail);
  await expect(page.locator('#owner')).not.toContainText('Not accepted yet');
  await expect(page.locator('#keys')).toContainText('1 key works.');
  await expect(page.getByTestId('tenant-detail')).not.toContainText('pk_live');
});

test('the slug of an existing tenant names it with a link to its page', async ({ page }) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  await open(page, '/provision');
  await page.getByTestId('prov-slug').fill(input.slug);
  const link = page.getByTestId('prov-slug-status').getByRole('link', { name: tenant.code });
  await expect(link).toHaveAttribute('href', `/tenants/${tenant.code}`);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the search, the filters, the order and the pages work', async ({ page, pageErrors }) => {
    pageErrors.expect(/\/pkg\/\S+\.js csp$/);
    const tag = uniqueTag();
    const input = { ...newTenantInput(), name: `${tag} Beech` };
    const { tenant } = await createTenant(input);
    await createTenant({ ...newTenantInput(), name: `${tag} Apple` });
    await page.goto('/tenants');
    await page.getByTestId('tenants-search').fill(tag);
    await page.getByLabel('Sort').selectOption('name');
    await page.getByTestId('tenants-apply').click();
    const names = page.getByTestId('tenant-row').getByRole('link');
    await expect(names).toHaveText([`${tag} Apple`, `${tag} Beech`]);
    await page.getByRole('group', { name: 'Filters' }).getByRole('link', { name: 'Deleted' }).click();
    await expect(names).toHaveCount(0);
    await page.getByRole('link', { name: 'Remove the status filter' }).click();
    await names.last().click();
    await expect(page).toHaveURL(new RegExp(`/tenants/${tenant.code}$`));
    await expect(page.locator('#packages')).toContainText('3 packages in 1 segment.');
  });
});
