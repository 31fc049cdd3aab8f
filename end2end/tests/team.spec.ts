import { Page } from '@playwright/test';
import { createEmployee, Employee, newEmployee } from '../support/employee';
import { linkInMail } from '../support/mail-folder';
import { expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { employeeRow, openDisclosure, TeamDialog } from '../support/team';
import { expect, newContext, open, SIGNED_OUT, startSession, test, waitForHydration } from '../support/test';
import { testEnvironment } from '../support/test-environment';

const PASSWORD = 'paper kites over the quiet bay';

/** Creates an employee on the shared server. */
const employee = (role: Employee['role']) =>
  createEmployee(testEnvironment().dataDir, { ...newEmployee(role), password: PASSWORD });

async function invite(page: Page, { name, email }: Pick<Employee, 'name' | 'email'>) {
  await openDisclosure(page, 'Invite an employee');
  const form = page.getByTestId('team-invite-form');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('E-mail').fill(email);
  await page.getByTestId('team-invite').click();
}

test('an invited employee chooses a password with the link and sees only what a viewer may see', async ({
  page,
  signedOutPage,
}) => {
  const invited = newEmployee('VIEWER');
  await open(page, '/team');
  await invite(page, invited);
  await waitForHydration(page);
  const secret = page.getByTestId('team-secret');
  await expect(secret).toContainText(`${invited.name} is invited`);
  const link = await secret.locator('code').innerText();
  await expect(employeeRow(page, invited.email)).toContainText('Invited');
  expect(await linkInMail(testEnvironment().dataDir, invited.email, '/setup')).toBe(link);

  // The link is shown once, so the page asks before it is left.
  await page.getByRole('link', { name: 'Health' }).click();
  await page.getByTestId('leave-stay').click();
  await expect(secret).toBeVisible();
  await page.getByRole('link', { name: 'Health' }).click();
  await page.getByTestId('leave-confirm').click();
  await expect(page.getByTestId('health-page')).toBeVisible();

  await open(signedOutPage, link);
  await signedOutPage.getByLabel('Password').fill(PASSWORD);
  await signedOutPage.getByRole('button', { name: 'Set password' }).click();
  await signedOutPage.waitForURL(/\/provision/);
  await waitForHydration(signedOutPage);
  await signedOutPage.getByRole('link', { name: 'Team' }).click();
  await expect(signedOutPage.getByRole('heading', { name: 'Your sessions' })).toBeVisible();
  await expect(signedOutPage.getByTestId('team-employee')).toHaveCount(0);

  await page.getByRole('link', { name: 'Team' }).click();
  await expect(employeeRow(page, invited.email)).toContainText('Active');
});

test('a refused invitation keeps what was typed and links to the field', async ({ page, pageErrors }) => {
  pageErrors.expect(/409/, /422/);
  const taken = await employee('VIEWER');
  await open(page, '/team');
  await invite(page, { name: 'Eve Moss', email: taken.email });
  await waitForHydration(page);
  await expect(page.getByRole('alert')).toContainText('already in use');
  await expect(page.getByTestId('team-invite-form').getByLabel('Name')).toHaveValue('Eve Moss');
});

test('an invitation is revoked, sent again and counted as open', async ({ page }) => {
  const invited = newEmployee('ADMIN');
  await open(page, '/team');
  await invite(page, invited);
  await waitForHydration(page);
  await page.getByTestId('team-secret').getByRole('button', { name: 'Copy link' }).click();
  const dialog = new TeamDialog(page, invited.email);
  await dialog.open();
  await dialog.click('team-revoke');
  await expect(page.getByTestId('team-done')).toContainText('no longer works');
  await expect(employeeRow(page, invited.email)).toContainText('Revoked');
  await dialog.open();
  await dialog.click('team-resend');
  await expect(page.getByTestId('team-secret')).toContainText('is invited');
  await expect(employeeRow(page, invited.email)).toContainText('Invited');
});

test('disabling says what ends, and ends it at once', async ({ page, browser, pageErrors }) => {
  // The open page of the employee polls, and learns that the session has ended.
  pageErrors.expect(/401/);
  const bob = await employee('ADMIN');
  const context = await newContext(browser, pageErrors, { storageState: undefined });
  await startSession(context, testEnvironment().url, bob);
  const pageOfBob = await context.newPage();
  await open(pageOfBob, '/provisioning');

  await open(page, '/team');
  const dialog = new TeamDialog(page, bob.email);
  await dialog.open();
  await expect(dialog.consequences).toContainText('1 session ends immediately');
  await page.keyboard.press('Escape');
  await expect(dialog.consequences).toBeHidden();
  await dialog.open();
  await dialog.click('team-disable');
  await expect(page.getByTestId('team-done')).toContainText('disabled');
  await expect(employeeRow(page, bob.email)).toContainText('Disabled');

  await pageOfBob.goto('/provisioning');
  await expect(pageOfBob).toHaveURL(/\/login/);
  await context.close();
  await dialog.open();
  await dialog.click('team-enable');
  await expect(employeeRow(page, bob.email)).toContainText('Active');
});

test('a role is changed, and a password reset is sent', async ({ page }) => {
  const bob = await employee('VIEWER');
  await open(page, '/team');
  const dialog = new TeamDialog(page, bob.email);
  await dialog.open();
  await dialog.element.getByLabel('Role').selectOption('ADMIN');
  await dialog.click('team-role');
  await expect(page.getByTestId('team-done')).toContainText('The role is changed');
  await expect(employeeRow(page, bob.email)).toContainText('Admin');
  await dialog.open();
  await dialog.click('team-reset-password');
  await expect(page.getByTestId('team-done')).toContainText('a link for a new password is sent');
  await linkInMail(testEnvironment().dataDir, bob.email, '/password');
});

test.describe('of an admin', () => {
  test.use({ storageState: SIGNED_OUT });

  test('tokens are created with scopes, shown once and revoked', async ({ page, context }) => {
    await startSession(context, testEnvironment().url, await employee('ADMIN'));
    await open(page, '/team');
    await expect(page.getByTestId('team-manage')).toHaveCount(0);
    await openDisclosure(page, 'Create a token');
    const form = page.getByTestId('team-token-form');
    await form.getByLabel('Name').fill('reports');
    await form.getByLabel(/requests:read/).check();
    await page.getByTestId('team-create-token').click();
    await waitForHydration(page);
    const secret = page.getByTestId('team-secret');
    const token = await secret.locator('code').innerText();
    expect(token).toMatch(/^tnt_admin_/);
    await secret.getByRole('button', { name: 'Copy token' }).click();
    const status = async (path: string) =>
      (
        await fetch(`${testEnvironment().url}/api/v1/admin${path}`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).status;
    expect([await status('/provisioning-requests'), await status('/tenants')]).toEqual([200, 403]);
    await open(page, '/team');
    await expect(page.getByText(token)).toHaveCount(0);
    const row = page.getByTestId('team-token');
    await expect(row).toContainText('requests:read');
    await row.getByTestId('team-revoke-token').click();
    await page.getByTestId('team-revoke-token-confirm').click();
    await expect(page.getByTestId('team-done')).toContainText('no longer works');
    expect(await status('/provisioning-requests')).toBe(401);
  });

  test('sessions are ended, except the current one', async ({ page, context, browser, pageErrors }) => {
    const ada = await employee('ADMIN');
    const others = [];
    for (let number = 0; number < 2; number++) {
      const other = await newContext(browser, pageErrors, { storageState: undefined });
      await startSession(other, testEnvironment().url, ada);
      others.push(other);
    }
    await startSession(context, testEnvironment().url, ada);
    await open(page, '/team');
    const sessions = page.getByTestId('team-session');
    await expect(sessions).toHaveCount(3);
    await expect(sessions.filter({ hasText: 'This session' })).toHaveCount(1);
    await page.getByTestId('team-end-other-sessions').click();
    await expect(page.getByTestId('team-done')).toContainText('other sessions have ended');
    await expect(sessions).toHaveCount(1);
    for (const other of others) {
      const response = await other.request.get('/api/v1/admin/sessions');
      expect(response.status()).toBe(401);
      await other.close();
    }
  });
});

test('the team is usable at every width', async ({ page }) => {
  await employee('VIEWER');
  await open(page, '/team');
  await expectUsableAtAllWidths(page, 'team');
  await resetViewport(page);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('an employee is managed in the dialog by form posts', async ({ page, pageErrors }) => {
    pageErrors.expect(/\/pkg\/\S+\.js csp$/);
    const bob = await employee('VIEWER');
    await page.goto('/team');
    const dialog = new TeamDialog(page, bob.email);
    await dialog.open();
    await dialog.click('team-disable');
    await expect(page.getByTestId('team-done')).toBeVisible();
    await expect(employeeRow(page, bob.email)).toContainText('Disabled');
  });
});
