import { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import {
  changePart,
  changeTenant,
  createTenant,
  createTenantWithoutOwner,
  deleteTenant,
  postTenant,
  rotateKey,
  suspendTenant,
} from './api';
import { createEmployee, newEmployee } from './employee';
import { previewErasure } from './erasure-page';
import { importFiles, uploadForDryRun } from './import-page';
import { ResponseHold } from './response-hold';
import { newTenantInput } from './new-tenant-input';
import { openPortalSession, portalPath } from './portal';
import { PROVISION, ProvisionForm } from './provision-form';
import { openDisclosure, TeamDialog } from './team';
import { PageErrors, open, signIn, startSession, waitForHydration } from './test';
import { TenantForm } from './tenant-form';
import { testEnvironment } from './test-environment';

/** A page in one of its states, for audits and screenshots. */
export interface State {
  name: string;
  /** Whether `show` needs a browser without a session. */
  signedOut?: boolean;
  show(page: Page, pageErrors: PageErrors): Promise<void>;
}

const openForm = async (page: Page) => {
  const form = new ProvisionForm(page);
  await form.open();
  return form;
};

const filledForm = async (page: Page, input = newTenantInput()) => {
  const form = await openForm(page);
  await form.fill(input);
  await form.expectReady();
  return form;
};

/** The relevant states of every page, except those of a new installation. */
export const STATES: State[] = [
  { name: 'sign-in', signedOut: true, show: (page) => open(page, '/login') },
  {
    name: 'sign-in-refused',
    signedOut: true,
    async show(page, pageErrors) {
      pageErrors.expect(/401/);
      await open(page, '/login');
      await signIn(page, `nobody-${randomUUID()}@platform.example`, 'a wrong password');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'set-up-used',
    signedOut: true,
    async show(page, pageErrors) {
      pageErrors.expect(/404/);
      await open(page, testEnvironment().setupLink);
    },
  },
  {
    name: 'invitation',
    signedOut: true,
    async show(page) {
      const { owner } = await createTenant(newTenantInput());
      await open(page, owner.invitationUrl);
    },
  },
  {
    name: 'invitation-refused',
    signedOut: true,
    async show(page, pageErrors) {
      pageErrors.expect(/422/);
      const { owner } = await createTenant(newTenantInput());
      await open(page, owner.invitationUrl);
      await page.getByLabel('Password').fill('too short');
      await page.getByRole('button', { name: 'Set password' }).click();
      await page.locator('.error-summary').waitFor();
    },
  },
  {
    name: 'invitation-accepted',
    signedOut: true,
    async show(page) {
      const { owner } = await createTenant(newTenantInput());
      await open(page, owner.invitationUrl);
      await page.getByLabel('Password').fill('paper kites over the quiet bay');
      await page.getByRole('button', { name: 'Set password' }).click();
      await page.waitForURL(/\/portal/);
      await waitForHydration(page);
      await open(page, owner.invitationUrl);
      await page.getByRole('heading', { name: 'You have accepted this invitation' }).waitFor();
    },
  },
  {
    name: 'invitation-unknown',
    signedOut: true,
    async show(page, pageErrors) {
      pageErrors.expect(/404/);
      await open(page, '/invitation/nobody-was-invited-with-this');
    },
  },
  {
    name: 'provision-not-allowed',
    signedOut: true,
    async show(page) {
      const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
      await open(page, '/provision');
      await signIn(page, email, password);
      await page.getByText("Your role can't provision tenants").waitFor();
    },
  },
  { name: 'provision-empty', show: async (page) => void (await openForm(page)) },
  { name: 'provision-filled', show: async (page) => void (await filledForm(page)) },
  {
    name: 'provision-invalid',
    async show(page) {
      const form = await openForm(page);
      await form.slug.fill('Golden--Spoon');
      await form.ownerEmail.fill('mira@');
      await form.submit.click();
      await form.errorSummary.waitFor();
    },
  },
  {
    name: 'provision-taken',
    async show(page) {
      const taken = newTenantInput();
      await createTenant(taken);
      const form = await openForm(page);
      await form.fill(taken);
      await form.suggestions.first().waitFor();
      await page.locator('[data-testid=prov-owner-email-status][data-state=taken]').waitFor();
    },
  },
  {
    name: 'provision-discarded',
    async show(page) {
      const form = await filledForm(page);
      await form.startOver.click();
      await page.getByTestId('prov-undo-discard').waitFor();
    },
  },
  {
    name: 'provision-running',
    async show(page) {
      const [form, hold] = [await filledForm(page), new ResponseHold()];
      await page.route(PROVISION, hold.apply);
      await form.submit.click();
      await form.progress.waitFor();
    },
  },
  {
    name: 'provision-unanswered',
    async show(page) {
      const { requestId } = await (await postTenant({ ...newTenantInput(), slug: 'admin' })).json();
      const form = await filledForm(page);
      await page.route(PROVISION, () => undefined);
      await form.submit.click();
      await form.progress.waitFor();
      await open(page, `/provision?request=${requestId}`);
      await page.getByTestId('prov-unanswered').waitFor();
    },
  },
  {
    name: 'success',
    async show(page) {
      const form = await filledForm(page);
      await form.submitSuccessfully();
    },
  },
  {
    name: 'submitted-in-other-tab',
    async show(page) {
      await filledForm(page);
      const second = new ProvisionForm(await page.context().newPage());
      await second.open();
      await second.expectReady();
      await second.submitSuccessfully();
      await page.bringToFront();
      await page.getByText('This draft was submitted in another tab').waitFor();
    },
  },
  {
    name: 'refusal',
    async show(page, pageErrors) {
      pageErrors.expect(/409/);
      const input = newTenantInput();
      const form = await filledForm(page, input);
      await createTenant({ ...newTenantInput(), slug: input.slug });
      await form.submit.click();
      await form.error.waitFor();
    },
  },
  {
    name: 'no-response',
    async show(page, pageErrors) {
      pageErrors.expect(/api\/fn\/provision/);
      const form = await filledForm(page);
      await page.route(PROVISION, (route) => route.abort());
      await form.submit.click();
      await form.error.waitFor({ timeout: 40_000 });
    },
  },
  {
    name: 'history',
    async show(page) {
      const input = newTenantInput();
      await createTenant(input);
      await postTenant({ ...input, ownerEmail: newTenantInput().ownerEmail });
      await postTenant({
        ...newTenantInput(),
        name: 'A name of the maximum length: '.padEnd(119, 'Donaudampfschiff '),
        slug: 'admin',
      });
      await open(page, '/provisioning');
    },
  },
  { name: 'history-no-matches', show: (page) => open(page, `/provisioning?q=${randomUUID()}`) },
  {
    name: 'request',
    async show(page) {
      const { requestId } = await createTenant(newTenantInput());
      await open(page, `/provisioning/${requestId}`);
      await page.getByText('Request payload').click();
    },
  },
  {
    name: 'request-new-secret-key',
    async show(page) {
      const { requestId } = await createTenant(newTenantInput());
      await open(page, `/provisioning/${requestId}`);
      await page.getByTestId('req-new-secret-key').click();
      await page.getByTestId('new-secret-key-dialog').waitFor();
    },
  },
  {
    name: 'request-secret-replaced',
    async show(page) {
      const { requestId } = await createTenant(newTenantInput());
      await open(page, `/provisioning/${requestId}`);
      await page.getByTestId('req-new-secret-key').click();
      await page.getByTestId('new-secret-key-confirm').click();
      await page.getByTestId('prov-secret-key').waitFor();
    },
  },
  {
    name: 'request-refused',
    async show(page) {
      const input = newTenantInput();
      await createTenant(input);
      const { requestId } = await (
        await postTenant({ ...input, ownerEmail: newTenantInput().ownerEmail })
      ).json();
      await open(page, `/provisioning/${requestId}`);
    },
  },
  {
    name: 'tenants',
    async show(page) {
      await createTenant(newTenantInput());
      await createTenant({
        ...newTenantInput(),
        name: 'A name of the maximum length: '.padEnd(119, 'Donaudampfschiff '),
      });
      await createTenantWithoutOwner(newTenantInput());
      await open(page, '/tenants');
    },
  },
  { name: 'tenants-no-matches', show: (page) => open(page, `/tenants?q=${randomUUID()}`) },
  {
    name: 'tenants-hidden',
    async show(page) {
      const { slug } = (await createTenant(newTenantInput())).tenant;
      await open(page, `/tenants?q=${slug}&status=suspended`);
    },
  },
  {
    name: 'tenant',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      await rotateKey(tenant.slug);
      await open(page, `/tenants/${tenant.code}`);
    },
  },
  {
    name: 'tenant-without-owner',
    async show(page) {
      const { tenant } = await createTenantWithoutOwner(newTenantInput());
      await open(page, `/tenants/${tenant.code}`);
    },
  },
  {
    name: 'tenant-suspended',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      await open(page, `/tenants/${tenant.code}`);
      await page.getByTestId('tenant-suspend').click();
      await page.getByTestId('suspend-reason').fill('Invoice 2026-0912 is 30 days overdue.');
      await page.getByTestId('tenant-suspend-confirm').click();
      await page.getByTestId('tenant-suspension').waitFor();
    },
  },
  {
    name: 'tenant-deleted',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      await deleteTenant(tenant.slug);
      await open(page, `/tenants/${tenant.code}`);
    },
  },
  {
    name: 'tenant-settings-invalid',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      const form = new TenantForm(page, 'settings');
      await form.open(tenant.code);
      await form.fill({ companyName: '', supportEmail: 'help@', supportPhone: '+34 600 123 456' });
      await form.save.click();
      await form.errorSummary.waitFor();
    },
  },
  {
    name: 'tenant-settings-conflict',
    async show(page, pageErrors) {
      pageErrors.expect(/412/);
      const { tenant } = await createTenant(newTenantInput());
      const form = new TenantForm(page, 'settings');
      await form.open(tenant.code);
      await changePart(tenant.slug, 'settings', {
        supportEmail: 'other@golden.example',
        timeZone: 'Asia/Tokyo',
      });
      await form.fill({ supportEmail: 'mine@golden.example' });
      await form.save.click();
      await form.conflict.waitFor();
    },
  },
  {
    name: 'tenant-branding-form',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      const form = new TenantForm(page, 'branding');
      await form.open(tenant.code);
      await form.fill({ colorPrimary: '#ffd60a', colorSecondary: '#6b21a8' });
    },
  },
  {
    name: 'tenant-terms-form',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      await changeTenant(tenant.slug, { features: { reports: true }, quotas: { maxUsers: null } });
      await new TenantForm(page, 'terms').open(tenant.code);
    },
  },
  {
    name: 'tenant-slug-taken',
    async show(page) {
      const { tenant } = await createTenant(newTenantInput());
      const taken = newTenantInput();
      await createTenant(taken);
      await open(page, `/tenants/${tenant.code}`);
      await page.getByTestId('tenant-slug').click();
      await page.getByTestId('new-slug').fill(taken.slug);
      await page.getByTestId('tenant-slug-suggestion').first().waitFor();
    },
  },
  {
    name: 'tenant-not-found',
    async show(page, pageErrors) {
      pageErrors.expect(/404/);
      await open(page, '/tenants/nobody-has-this-slug');
    },
  },
  {
    name: 'team',
    async show(page) {
      await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
      await open(page, '/team');
    },
  },
  {
    name: 'team-forms-refused',
    async show(page, pageErrors) {
      pageErrors.expect(/422/);
      await open(page, '/team');
      await openDisclosure(page, 'Create a token');
      const form = page.getByTestId('team-token-form');
      await form.getByLabel('Name').fill('reports');
      await form.getByLabel('Valid for').fill('0');
      await page.getByTestId('team-create-token').click();
      await page.locator('.error-summary').waitFor();
      await waitForHydration(page);
      await openDisclosure(page, 'Invite an employee');
    },
  },
  {
    name: 'team-manage',
    async show(page) {
      const { email } = await createEmployee(testEnvironment().dataDir, newEmployee('ADMIN'));
      await open(page, '/team');
      await new TeamDialog(page, email).open();
    },
  },
  {
    name: 'team-token-created',
    async show(page) {
      await open(page, '/team');
      await openDisclosure(page, 'Create a token');
      await page.getByTestId('team-token-form').getByLabel('Name').fill('reports');
      await page.getByLabel(/tenants:read/).check();
      await page.getByTestId('team-create-token').click();
      await page.getByTestId('team-secret').waitFor();
      await waitForHydration(page);
    },
  },
  {
    name: 'team-of-a-viewer',
    signedOut: true,
    async show(page) {
      const viewer = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
      await startSession(page.context(), testEnvironment().url, viewer);
      await open(page, '/team');
    },
  },
  { name: 'health', show: (page) => open(page, '/health') },
  {
    name: 'not-found',
    async show(page, pageErrors) {
      pageErrors.expect(/404/);
      await open(page, '/nothing/here');
    },
  },
  {
    name: 'request-not-found',
    async show(page, pageErrors) {
      pageErrors.expect(/404/);
      await open(page, `/provisioning/${randomUUID()}`);
    },
  },
  { name: 'api', show: (page) => open(page, '/docs') },
  { name: 'styleguide', show: (page) => open(page, '/styleguide') },
  ...[
    '',
    'settings',
    'branding',
    'segments',
    'packages',
    'packages?edit=new',
    'keys',
    'usage',
    'activity',
  ].map((path): State => ({
    name: `portal-${path.replace('?edit=', '-') || 'home'}`,
    signedOut: true,
    async show(page) {
      const { slug } = await openPortalSession(page.context());
      await open(page, portalPath(slug, path));
    },
  })),
  {
    name: 'portal-branding-too-light',
    signedOut: true,
    async show(page) {
      const { slug } = await openPortalSession(page.context());
      await open(page, portalPath(slug, 'branding'));
      await page.locator('[name=colorSecondary]').fill('#c77b30');
      await page.getByTestId('contrast-fix').waitFor();
    },
  },
  {
    name: 'portal-suspended',
    signedOut: true,
    async show(page, pageErrors) {
      pageErrors.expect(/403/);
      const { slug } = await openPortalSession(page.context());
      await suspendTenant(slug);
      await open(page, portalPath(slug));
    },
  },
  { name: 'audit', show: (page) => open(page, '/audit') },
  { name: 'erasure', show: (page) => open(page, '/audit/erase') },
  {
    name: 'erasure-preview',
    async show(page) {
      const input = newTenantInput();
      await createTenant(input);
      await deleteTenant(input.slug);
      await previewErasure(page, input.ownerEmail);
      await page.getByTestId('erasure-places').waitFor();
    },
  },
  {
    name: 'erasure-refused',
    async show(page) {
      const input = newTenantInput();
      await createTenant(input);
      await previewErasure(page, input.ownerEmail);
      await page.getByTestId('erasure-refused').waitFor();
    },
  },
  { name: 'import', show: (page) => open(page, '/import') },
  {
    name: 'import-dry-run',
    async show(page) {
      const { files, owners } = importFiles();
      await uploadForDryRun(page, files, owners);
    },
  },
  // Each kind of message; the owner's invitation is also sent to members.
  ...Array.from({ length: 15 }, (_, number) => ({
    name: `mail-${number}`,
    show: async (page: Page) => {
      await page.goto(`/styleguide/mail/${number}.html`);
    },
  })),
];
