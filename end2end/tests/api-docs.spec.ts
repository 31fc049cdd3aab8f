import { expect, open, test } from '../support/test';

test('a link to a schema of the API opens its fields', async ({ page }) => {
  await open(page, '/docs');
  const commission = page.locator('#schema-NewTenant').getByRole('rowheader', { name: 'commission' });
  await expect(commission).toBeHidden();
  await page.locator('#createTenant').getByRole('link', { name: 'NewTenant' }).click();
  await expect(commission).toBeVisible();
});
