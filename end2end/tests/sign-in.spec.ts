import { expect, waitForHydration, open, signIn, test } from '../support/test';
import { ADMIN, testEnvironment } from '../support/test-environment';

test('a wrong password is refused without details, and the right password opens the console', async ({
  signedOutPage: page,
  pageErrors,
}) => {
  pageErrors.expect(/401/);
  await open(page, '/login');
  await signIn(page, ADMIN.email, 'a wrong password');
  await expect(page.getByRole('alert')).toContainText('The e-mail or the password is wrong.');
  await expect(page.getByTestId('login-email')).toHaveValue(ADMIN.email);
  await expect(page.getByTestId('login-password')).toHaveValue('');

  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await expect(page.getByText(ADMIN.name).first()).toBeVisible();
});

test('signing in continues to the requested page', async ({ signedOutPage: page }) => {
  await open(page, '/provisioning?status=failed');
  await expect(page).toHaveURL(/\/login\?next=/);
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/provisioning\?status=failed$/);
});

test('signing out ends the session', async ({ signedOutPage: page }) => {
  await open(page, '/login');
  await signIn(page, ADMIN.email, ADMIN.password);
  await waitForHydration(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login$/);
  await page.goto('/provisioning');
  await expect(page).toHaveURL(/\/login\?next=/);
});

test('the setup link works once', async ({ signedOutPage: page, pageErrors }) => {
  pageErrors.expect(/404/);
  await open(page, testEnvironment().setupLink);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is no longer valid');
});
