import { Page } from '@playwright/test';
import { Mailbox } from '../support/mailbox';
import { newTenantInput } from '../support/new-tenant-input';
import { expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { heading, portalPath } from '../support/portal';
import { ProvisionForm } from '../support/provision-form';
import { Server } from '../support/server';
import { TenantForm } from '../support/tenant-form';
import {
  expect,
  leavePages,
  newContext,
  open,
  reload,
  SIGNED_OUT,
  startSession,
  test,
} from '../support/test';
import { ADMIN } from '../support/test-environment';

const PASSWORD = 'copper lantern walks the harbour';

/** Each of these tests has its own server, which sends mail to a real mail server. */
const ownersTest = test.extend<{ mailbox: Mailbox; server: Server; ownerPage: Page; memberPage: Page }>({
  mailbox: async ({}, use) => {
    const mailbox = await Mailbox.start();
    await use(mailbox);
    mailbox.stop();
  },
  server: async ({ context, mailbox }, use) => {
    const server = await Server.startWithAdmin({ env: mailbox.settings });
    await startSession(context, server.url, ADMIN);
    await use(server);
    await leavePages(context);
    await server.stop();
  },
  ownerPage: async ({ browser, pageErrors, server }, use) => {
    const context = await newContext(browser, pageErrors, { storageState: undefined, baseURL: server.url });
    await use(await context.newPage());
    await context.close();
  },
  memberPage: async ({ browser, pageErrors, server }, use) => {
    const context = await newContext(browser, pageErrors, { storageState: undefined, baseURL: server.url });
    await use(await context.newPage());
    await context.close();
  },
});

ownersTest.use({ storageState: SIGNED_OUT });
ownersTest.setTimeout(360_000);

/** Follows the link in the mail to an address, and chooses a password. */
async function acceptInvitation(page: Page, mailbox: Mailbox, address: string) {
  const mail = await mailbox.waitFor(address);
  const link = mail.links.find((link) => link.includes('/invitation/'))!;
  expect(mail.text).toContain(link);
  await open(page, link);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByTestId('portal-page')).toBeVisible();
}

ownersTest(
  'an owner follows the mail, changes the branding, invites a member, and learns of a suspension',
  async ({ page, server, mailbox, ownerPage, memberPage, pageErrors }) => {
    pageErrors.expect(/403/);
    const input = newTenantInput();
    await open(page, `${server.url}/provision`);
    await new ProvisionForm(page).provision(input);
    await acceptInvitation(ownerPage, mailbox, input.ownerEmail);
    await expect(heading(ownerPage)).toHaveText(input.name);
    await mailbox.waitFor(input.ownerEmail, 'ready');

    await open(ownerPage, portalPath(input.slug, 'branding'));
    const form = new TenantForm(ownerPage, 'branding');
    await form.fill({ colorPrimary: '#6B2737' });
    await form.save.click();
    await expect(ownerPage.getByTestId('action-bar')).toBeHidden();
    await reload(ownerPage);
    await expect(form.control('colorPrimary')).toHaveValue('#6b2737');

    await ownerPage.getByRole('link', { name: 'Members' }).click();
    const invitation = ownerPage.getByTestId('invite-form');
    const member = `max@${input.slug}.example`;
    await invitation.getByLabel('Name').fill('Max Stone');
    await invitation.getByLabel('E-mail').fill(member);
    await invitation.getByRole('button', { name: 'Send invitation' }).click();
    await expect(ownerPage.getByTestId('member-done')).toContainText('The invitation is on its way');
    await expect(ownerPage.getByTestId('member-row')).toHaveCount(2);
    await expectUsableAtAllWidths(ownerPage, 'members');
    await resetViewport(ownerPage);

    await acceptInvitation(memberPage, mailbox, member);
    await open(memberPage, portalPath(input.slug, 'branding'));
    await expect(memberPage.getByRole('button', { name: 'Save' })).toHaveCount(0);
    await open(memberPage, portalPath(input.slug, 'keys'));
    await expect(memberPage.getByText("Your role can't open this page")).toBeVisible();
    await open(memberPage, portalPath(input.slug, 'members'));
    await expect(memberPage.getByTestId('invite-form')).toHaveCount(0);

    await open(page, `${server.url}/tenants/${input.slug}`);
    await page.getByTestId('tenant-suspend').click();
    await page.getByTestId('suspend-reason').fill('The invoice is unpaid.');
    await page.getByTestId('tenant-suspend-confirm').click();
    await expect(heading(page)).toContainText('Suspended');
    await ownerPage.getByRole('link', { name: 'Settings' }).click();
    await expect(ownerPage.getByText(`${input.name} is suspended`)).toBeVisible();
  },
);

ownersTest(
  'a person resets a forgotten password, and changes the address at both addresses',
  async ({ page, server, mailbox, ownerPage, pageErrors }) => {
    pageErrors.expect(/422/);
    const input = newTenantInput();
    await open(page, `${server.url}/provision`);
    await new ProvisionForm(page).provision(input);
    await acceptInvitation(ownerPage, mailbox, input.ownerEmail);

    await open(page, `${server.url}/login`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await expectUsableAtAllWidths(page, 'password reset');
    await resetViewport(page);
    await page.getByLabel('E-mail').fill(input.ownerEmail.toUpperCase());
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(heading(page)).toHaveText('Check your mail');
    await expectUsableAtAllWidths(page, 'link sent');
    await resetViewport(page);
    const reset = await mailbox.waitFor(input.ownerEmail, 'password');
    await open(
      page,
      reset.links.find((link) => link.includes('/password/'))!,
    );
    await expectUsableAtAllWidths(page, 'link for a password');
    await resetViewport(page);
    await page.getByLabel('Password').fill('amber lantern meadow seven');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByTestId('portal-page')).toBeVisible();
    // The session of the other browser has ended.
    await open(ownerPage, `${server.url}/portal`);
    await expect(heading(ownerPage)).toHaveText('Sign in');

    await open(page, `${server.url}/account`);
    await expectUsableAtAllWidths(page, 'account');
    await resetViewport(page);
    const address = `new-${input.ownerEmail}`;
    await page.getByLabel('New e-mail address').fill(address);
    await page.getByLabel('Password', { exact: true }).fill('amber lantern meadow seven');
    await page.getByRole('button', { name: 'Send the links' }).click();
    await expect(page.getByRole('status')).toContainText('We sent a link to both addresses');
    for (const recipient of [address, input.ownerEmail]) {
      const mail = await mailbox.waitFor(recipient, 'address');
      await open(
        page,
        mail.links.find((link) => link.includes('/address/'))!,
      );
      await expectUsableAtAllWidths(page, `link for ${recipient}`);
      await resetViewport(page);
      await page.getByRole('button', { name: 'Confirm the change' }).click();
    }
    await expect(heading(page)).toHaveText('Your e-mail address is changed');
    await expectUsableAtAllWidths(page, 'changed address');
    await resetViewport(page);
    await open(page, `${server.url}/account`);
    await expect(page.getByText(address)).toBeVisible();
  },
);

ownersTest(
  'a member becomes an admin and then the owner, and the former owner leaves',
  async ({ page, server, mailbox, ownerPage, memberPage }) => {
    const input = newTenantInput();
    await open(page, `${server.url}/provision`);
    await new ProvisionForm(page).provision(input);
    await acceptInvitation(ownerPage, mailbox, input.ownerEmail);
    const members = portalPath(input.slug, 'members');
    await open(ownerPage, members);
    const invitation = ownerPage.getByTestId('invite-form');
    const member = `max@${input.slug}.example`;
    await invitation.getByLabel('Name').fill('Max Stone');
    await invitation.getByLabel('E-mail').fill(member);
    await invitation.getByRole('button', { name: 'Send invitation' }).click();
    await acceptInvitation(memberPage, mailbox, member);

    const row = (of: Page, text: string) => of.getByTestId('member-row').filter({ hasText: text });
    await open(ownerPage, members);
    await ownerPage.getByText('Manage Max Stone').click();
    await row(ownerPage, member).getByLabel('Role').selectOption({ label: 'Admin' });
    await ownerPage.getByRole('button', { name: 'Change role' }).click();
    await expect(row(ownerPage, member)).toContainText('Admin');
    // An admin sees the keys, and cannot manage the owner.
    await open(memberPage, portalPath(input.slug, 'keys'));
    await expect(memberPage.getByTestId('tenant-key-create')).toBeVisible();
    await open(memberPage, members);
    await expect(row(memberPage, input.ownerEmail).getByRole('button')).toHaveCount(0);

    await ownerPage.getByText('Manage Max Stone').click();
    await ownerPage.getByText('Transfer the ownership…').click();
    await expectUsableAtAllWidths(ownerPage, 'transfer of the ownership');
    await resetViewport(ownerPage);
    await ownerPage.getByRole('button', { name: 'Transfer ownership' }).click();
    await expect(row(ownerPage, member)).toContainText('Owner');
    await expect(row(ownerPage, input.ownerEmail)).toContainText('Admin');
    await ownerPage.getByText('Leave…').click();
    await ownerPage.getByRole('button', { name: 'Leave the tenant' }).click();
    await open(memberPage, members);
    await expect(memberPage.getByTestId('member-row')).toHaveCount(1);
    await open(page, `${server.url}/tenants/${input.slug}`);
    await expect(page.getByTestId('tenant-detail')).toContainText(member);
  },
);

ownersTest(
  'an account joins a second tenant by its link, and chooses among its tenants',
  async ({ page, server, mailbox, ownerPage, memberPage }) => {
    const [first, second] = [newTenantInput(), newTenantInput()];
    for (const [input, of] of [
      [first, ownerPage],
      [second, memberPage],
    ] as const) {
      await open(page, `${server.url}/provision`);
      await new ProvisionForm(page).provision(input);
      await acceptInvitation(of, mailbox, input.ownerEmail);
    }
    await open(memberPage, portalPath(second.slug, 'members'));
    const invitation = memberPage.getByTestId('invite-form');
    await invitation.getByLabel('Name').fill('Known Person');
    await invitation.getByLabel('E-mail').fill(first.ownerEmail.toUpperCase());
    await invitation.getByRole('button', { name: 'Send invitation' }).click();
    const mail = await mailbox.waitFor(first.ownerEmail, 'You are invited');
    const link = mail.links.find((link) => link.includes('/invitation/'))!;
    // Nobody is signed in, another person, and the invited one.
    const visitor = await page.context().browser()!.newContext({ baseURL: server.url });
    const stranger = await visitor.newPage();
    await open(stranger, link);
    await expect(stranger.getByRole('link', { name: 'Sign in' })).toBeVisible();
    await expectUsableAtAllWidths(stranger, 'sign in to join');
    await visitor.close();
    await open(memberPage, link);
    await expect(memberPage.getByText('This invitation is for another account')).toBeVisible();
    await expectUsableAtAllWidths(memberPage, 'invitation of another account');
    await open(ownerPage, link);
    await expectUsableAtAllWidths(ownerPage, 'join');
    await resetViewport(ownerPage);
    await ownerPage.getByRole('button', { name: `Join ${second.name}` }).click();
    await expect(ownerPage.getByTestId('portal-page')).toBeVisible();
    await open(ownerPage, '/portal');
    await expect(ownerPage.getByText(first.name)).toBeVisible();
    await expectUsableAtAllWidths(ownerPage, 'tenants of an account');
    await resetViewport(ownerPage);
    await ownerPage.getByRole('link', { name: second.name }).click();
    await expect(heading(ownerPage)).toHaveText(second.name);
  },
);
