import { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { askFor, make } from './api';
import { customer, tag } from './customer';
import { Gate, PROVISION, ProvisionForm } from './form';
import { tenantry } from './processes';
import { Faults, open, signIn } from './test';
import { world } from './world';

/** A page in one of its states, ready to be looked at. */
export interface State {
  name: string;
  /** Of somebody who is not signed in. */
  signedOut?: boolean;
  show(page: Page, faults: Faults): Promise<void>;
}

const formOf = async (page: Page) => {
  const form = new ProvisionForm(page);
  await form.open();
  return form;
};

const submitted = async (page: Page, owner = customer()) => {
  const form = await formOf(page);
  await form.fill(owner);
  await form.expectReady();
  return form;
};

/** Every page in every state that matters, but for those that only a new installation has. */
export const STATES: State[] = [
  { name: 'sign-in', signedOut: true, show: (page) => open(page, '/login') },
  {
    name: 'sign-in-refused',
    signedOut: true,
    async show(page, faults) {
      faults.expect(/401/);
      await open(page, '/login');
      await signIn(page, `nobody-${randomUUID()}@platform.example`, 'not the password at all');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'set-up-used',
    signedOut: true,
    async show(page, faults) {
      faults.expect(/404/);
      await open(page, world().setupLink);
    },
  },
  {
    name: 'invitation',
    signedOut: true,
    async show(page) {
      const { owner } = await make(customer());
      await open(page, owner.invitationUrl);
    },
  },
  {
    name: 'invitation-refused',
    signedOut: true,
    async show(page, faults) {
      faults.expect(/422/);
      const { owner } = await make(customer());
      await open(page, owner.invitationUrl);
      await page.getByLabel('Password').fill('too short');
      await page.getByRole('button', { name: 'Set my password' }).click();
      await page.locator('.error-summary').waitFor();
    },
  },
  {
    name: 'invitation-accepted',
    signedOut: true,
    async show(page) {
      const { owner } = await make(customer());
      await open(page, owner.invitationUrl);
      await page.getByLabel('Password').fill('paper kites over the quiet bay');
      await page.getByRole('button', { name: 'Set my password' }).click();
      await page.getByRole('heading', { name: 'Your password is set' }).waitFor();
    },
  },
  {
    name: 'invitation-used-up',
    signedOut: true,
    async show(page, faults) {
      faults.expect(/404/);
      await open(page, '/invitation/nobody-was-invited-with-this');
    },
  },
  {
    name: 'provision-not-allowed',
    signedOut: true,
    async show(page) {
      const [email, password] = [`${tag()}@platform.example`, 'paper kites over the quiet bay'];
      await tenantry(
        world().dataDir,
        ['admin', 'create', '--email', email, '--role', 'VIEWER', '--name', 'Vera Lind'],
        password,
      );
      await open(page, '/provision');
      await signIn(page, email, password);
      await page.getByText('Your role does not make tenants').waitFor();
    },
  },
  { name: 'provision-empty', show: async (page) => void (await formOf(page)) },
  { name: 'provision-filled', show: async (page) => void (await submitted(page)) },
  {
    name: 'provision-faults',
    async show(page) {
      const form = await formOf(page);
      await form.slug.fill('Golden--Spoon');
      await form.ownerEmail.fill('mira@');
      await form.submit.click();
      await form.errorSummary.waitFor();
    },
  },
  {
    name: 'provision-taken',
    async show(page) {
      const taken = customer();
      await make(taken);
      const form = await formOf(page);
      await form.fill(taken);
      await form.suggestions.first().waitFor();
      await page.locator('[data-testid=prov-owner-email-status][data-state=taken]').waitFor();
    },
  },
  {
    name: 'provision-discarded',
    async show(page) {
      const form = await submitted(page);
      await form.startOver.click();
      await page.getByTestId('prov-undo').waitFor();
    },
  },
  {
    name: 'provision-running',
    async show(page) {
      const [form, gate] = [await submitted(page), new Gate()];
      await page.route(PROVISION, gate.holdAnswer);
      await form.submit.click();
      await form.progress.waitFor();
    },
  },
  {
    name: 'success',
    async show(page) {
      const form = await submitted(page);
      await form.submit.click();
      await form.success.waitFor();
    },
  },
  {
    name: 'made-elsewhere',
    async show(page) {
      await submitted(page);
      const second = new ProvisionForm(await page.context().newPage());
      await second.open();
      await second.expectReady();
      await second.submit.click();
      await second.success.waitFor();
      await page.bringToFront();
      await page.getByText('This draft was submitted in another tab').waitFor();
    },
  },
  {
    name: 'refusal',
    async show(page, faults) {
      faults.expect(/409/);
      const golden = customer();
      const form = await submitted(page, golden);
      await make({ ...customer(), slug: golden.slug });
      await form.submit.click();
      await form.error.waitFor();
    },
  },
  {
    name: 'no-answer',
    async show(page, faults) {
      faults.expect(/api\/fn\/provision/);
      const form = await submitted(page);
      await page.route(PROVISION, (route) => route.abort());
      await form.submit.click();
      await form.error.waitFor({ timeout: 20_000 });
    },
  },
  {
    name: 'history',
    async show(page) {
      const golden = customer();
      await make(golden);
      await askFor({ ...golden, ownerEmail: customer().ownerEmail });
      await askFor({
        ...customer(),
        name: 'A name that is as long as names get: '.padEnd(119, 'Donaudampfschiff '),
        slug: 'admin',
      });
      await open(page, '/provisioning');
    },
  },
  { name: 'history-nothing-matches', show: (page) => open(page, `/provisioning?q=${randomUUID()}`) },
  {
    name: 'request',
    async show(page) {
      const { requestId } = await make(customer());
      await open(page, `/provisioning/${requestId}`);
      await page.getByText('What was asked for').click();
    },
  },
  {
    name: 'request-refused',
    async show(page) {
      const golden = customer();
      await make(golden);
      const { requestId } = await (await askFor({ ...golden, ownerEmail: customer().ownerEmail })).json();
      await open(page, `/provisioning/${requestId}`);
    },
  },
  { name: 'health', show: (page) => open(page, '/health') },
  {
    name: 'not-found',
    async show(page, faults) {
      faults.expect(/404/);
      await open(page, '/nothing/here');
    },
  },
  {
    name: 'request-not-found',
    async show(page, faults) {
      faults.expect(/404/);
      await open(page, `/provisioning/${randomUUID()}`);
    },
  },
  { name: 'styleguide', show: (page) => open(page, '/styleguide') },
];
