import { expect, hydrated, open, signIn, test } from '../support/test';
import { ADMIN, world } from '../support/world';

test('a wrong password is refused without telling what was wrong, and the right one opens the console', async ({
  stranger: page,
  faults,
}) => {
  faults.expect(/401/);
  await open(page, '/login');
  await signIn(page, ADMIN.email, 'not the password at all');
  await expect(page.getByRole('alert')).toContainText('E-mail or password is wrong.');
  await expect(page.getByTestId('login-email')).toHaveValue(ADMIN.email);
  await expect(page.getByTestId('login-password')).toHaveValue('');

  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await expect(page.getByText(ADMIN.name).first()).toBeVisible();
});

test('whoever is not signed in is led to the sign-in page and then to where they wanted', async ({
  stranger: page,
}) => {
  await open(page, '/provisioning?status=failed');
  await expect(page).toHaveURL(/\/login\?next=/);
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/provisioning\?status=failed$/);
});

test('signing out ends the session, also for the back button', async ({ stranger: page }) => {
  await open(page, '/login');
  await signIn(page, ADMIN.email, ADMIN.password);
  await hydrated(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login$/);
  await page.goto('/provisioning');
  await expect(page).toHaveURL(/\/login\?next=/);
});

test('the set-up link works once', async ({ stranger: page, faults }) => {
  faults.expect(/404/);
  await open(page, world().setupLink);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is used or out of date');
});
