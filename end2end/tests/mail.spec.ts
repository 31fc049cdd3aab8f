import { expectUsableAtAllWidths } from '../support/page-checks';
import { Mailbox } from '../support/mailbox';
import { newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { Server } from '../support/server';
import { expect, leavePages, open, reload, SIGNED_OUT, signIn, test } from '../support/test';
import { ADMIN } from '../support/test-environment';

/** A server with an admin, which sends mail to a mailbox. */
const mailTest = test.extend<{ mailbox: Mailbox; server: Server }>({
  mailbox: async ({}, use) => {
    const mailbox = await Mailbox.start();
    await use(mailbox);
    mailbox.stop();
  },
  server: async ({ context, mailbox }, use) => {
    const server = await Server.startWithAdmin();
    await server.stopAndKeepData();
    await server.restart({ env: mailbox.settings });
    await use(server);
    await leavePages(context);
    await server.stop();
  },
});

mailTest.use({ storageState: SIGNED_OUT });
mailTest.setTimeout(240_000);

mailTest(
  'the owner gets an invitation, and admins see what became of it',
  async ({ page, server, mailbox }) => {
    await open(page, `${server.url}/login`);
    await signIn(page, ADMIN.email, ADMIN.password);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    const input = newTenantInput();
    await open(page, `${server.url}/provision`);
    await new ProvisionForm(page).provision(input);

    const mail = await mailbox.waitFor(input.ownerEmail);
    expect(mail.subject).toContain(input.name);
    const link = mail.links.find((address) => address.includes('/invitation/'))!;
    expect(mail.text).toContain(link);
    expect(link.startsWith(server.url)).toBe(true);

    await open(page, `${server.url}/tenants/${input.slug}`);
    await expect(page.getByTestId('tenant-invitation-mail')).toContainText('The mail was sent');
    await expect(page.getByTestId('tenant-message')).toHaveAttribute('data-status', 'sent');
    mailbox.behave('refuse');
    await page.getByTestId('tenant-invitation-resend').click();
    await expect(page.getByTestId('prov-invitation')).toBeVisible();
    const failed = page.getByTestId('tenant-message').filter({ hasText: 'Failed' });
    await expect(async () => {
      await reload(page);
      await expect(failed).toHaveCount(1, { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await expect(page.getByTestId('tenant-invitation-mail')).toContainText('550');
    await expectUsableAtAllWidths(page, 'tenant with a failed invitation');

    await open(page, `${server.url}/health`);
    await expect(page.getByTestId('health-mail-destination')).toHaveText(`localhost:${mailbox.port}`);
    await expect(page.getByTestId('health-mail-failed')).toHaveText('1');
    await expect(page.getByTestId('health-mail-problem')).toContainText(input.name);
    await expectUsableAtAllWidths(page, 'health with mail');
  },
);
