import { Page } from '@playwright/test';
import { NewTenantInput, newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { HeldCall } from '../support/fault-proxy';
import { installOdoo } from '../support/odoo';
import { FaultProxies, OPS_DATABASE, OdooEnvironment, BUSINESS_BASE_URL } from '../support/odoo-environment';
import { takeScreenshots } from '../support/screenshots';
import { tenantry } from '../support/processes';
import { resetViewport } from '../support/page-checks';
import { step, title } from '../support/request-page';
import { expect, leavePages, open, SIGNED_OUT, test } from '../support/test';

type ExternalState = Awaited<ReturnType<OdooEnvironment['externalState']>>;

interface StepCase {
  name: string;
  proxy: keyof FaultProxies;
  /** A string that occurs only in the call that creates the effect. */
  callPattern: string;
  /** The same for the call that completes the effect, if that is another call. */
  lastCallPattern?: string;
  /** Counts the tenants with this step's effect. Missing for a step that changes nothing. */
  effects?: (externalState: ExternalState) => number;
}

const STEPS: StepCase[] = [
  {
    name: 'STEP_1_COPY_DB',
    proxy: 'copy',
    callPattern: 'CREATE DATABASE "ten-',
    lastCallPattern: 'RENAME TO "ten-',
    effects: ({ databases }) => databases.length,
  },
  { name: 'STEP_2_ODOO18_AUTH', proxy: 'odoo', callPattern: '"method":"authenticate"' },
  {
    name: 'STEP_3_ODOO18_UPDATE_ADMIN_USER',
    proxy: 'odoo',
    callPattern: '"res.users","write"',
    effects: ({ databases }) => databases.filter(({ login }) => login !== 'admin').length,
  },
  {
    name: 'STEP_4_ODOO19_UPSERT_TENANT',
    proxy: 'odoo',
    callPattern: 'POST /json/2/vendor.ops.tenant/create ',
    effects: ({ tenants }) => tenants.length,
  },
  {
    name: 'STEP_5_ODOO19_UPSERT_TENANT_USER',
    proxy: 'odoo',
    callPattern: 'POST /json/2/vendor.ops.tenant.user/create ',
    effects: ({ users }) => users.length,
  },
  {
    name: 'STEP_6_BRIDGE_METADATA_UPSERT',
    proxy: 'bridge',
    callPattern: 'PUT /tenants/',
    effects: ({ bridge }) => bridge.length,
  },
  {
    name: 'STEP_7_FINALIZE_TENANT',
    proxy: 'odoo',
    callPattern: 'POST /json/2/vendor.ops.tenant/write ',
    effects: ({ tenants }) => tenants.filter((tenant) => tenant.bridge_sync_status === 'ok').length,
  },
];
const SIGN_IN = STEPS[1];
const BRIDGE = STEPS[5];

/** A timeout for steps that call Odoo, which is slow on busy machines. */
const LONG_TIMEOUT = { timeout: 60_000 };

const odooTest = test.extend<
  { serverWorkers: number; environment: OdooEnvironment },
  { unavailableReason: string | undefined }
>({
  // The timeout is long, because the first run downloads Odoo.
  unavailableReason: [async ({}, use) => use(await installOdoo()), { scope: 'worker', timeout: 15 * 60_000 }],
  /** The number of workers in the server. */
  serverWorkers: [2, { option: true }],
  environment: [
    async ({ context, unavailableReason, serverWorkers }, use) => {
      odooTest.skip(unavailableReason !== undefined, unavailableReason);
      const environment = new OdooEnvironment();
      try {
        await environment.start(serverWorkers);
        await use(environment);
      } finally {
        await leavePages(context);
        await environment.stop();
      }
    },
    { timeout: 180_000 },
  ],
});

odooTest.use({ storageState: SIGNED_OUT });
odooTest.setTimeout(600_000);

async function screenshot(page: Page, name: string) {
  if (!process.env.SCREENSHOTS) return;
  await takeScreenshots(page, name);
  await resetViewport(page);
}

/** The expected state of a tenant in each external system. */
function expectedState({ name, slug, ownerName, ownerEmail }: NewTenantInput, code: string, plan: string) {
  const database = code.toLowerCase();
  return {
    database: {
      name: database,
      login: ownerEmail,
      admin: ownerName,
      identity: [expect.any(String), expect.any(String)],
    },
    tenant: {
      code,
      name,
      subdomain: slug,
      // Odoo's plan for every plan of Tenantry, because the environment maps no plans.
      plan: 'starter',
      bridge_sync_status: 'ok',
      business_base_url: `${BUSINESS_BASE_URL}/${slug}`,
      notes: expect.stringMatching(/^Tenantry request [-0-9a-f]{36}\nOwner: \S+@\S+$/),
    },
    user: {
      code,
      email: ownerEmail,
      name: ownerName,
      role: 'admin',
      odoo18_user_id: 2,
      odoo18_login: ownerEmail,
    },
    bridgeRecord: expect.objectContaining({
      code,
      slug,
      name,
      plan,
      database,
      owner: { name: ownerName, email: ownerEmail },
    }),
  };
}

/** Asserts that exactly these tenants exist, each with one object in each external system. */
async function expectExactlyTheseTenants(environment: OdooEnvironment, inputs: NewTenantInput[]) {
  const created = await environment.server.rows(
    'SELECT code, slug, plan, status FROM tenantry.tenants ORDER BY code',
  );
  expect(created.map(({ slug, status }) => [slug, status])).toEqual(
    inputs.map(({ slug }) => [slug, 'active']),
  );
  const expected = inputs.map((input, index) =>
    expectedState(input, String(created[index].code), String(created[index].plan)),
  );

  const { databases, tenants, users, bridge } = await environment.externalState();
  expect(databases).toEqual(expected.map(({ database }) => database));
  expect(tenants).toEqual(expected.map(({ tenant }) => tenant));
  expect(users).toEqual(expected.map(({ user }) => user));
  expect(bridge).toHaveLength(expected.length);
  expect(bridge).toEqual(expect.arrayContaining(expected.map(({ bridgeRecord }) => bridgeRecord)));

  const identities = [environment.identity, ...databases.map(({ identity }) => identity)].flat();
  expect(new Set(identities).size, 'identities').toBe(identities.length);
  expect(await environment.acceptsTemplateAdmin(OPS_DATABASE)).toBe(true);
  for (const { database } of expected)
    expect(
      await environment.acceptsTemplateAdmin(database.name),
      `${database.name} accepts the template's admin`,
    ).toBe(false);
  await tenantry(environment.server.dataDir, ['verify']);
}

/** Waits until the fault proxies hold these calls of a step. */
async function waitUntilHeld(heldCalls: Readonly<HeldCall>[], name: string) {
  for (const heldCall of heldCalls)
    await expect
      .poll(() => heldCall.reached, {
        message: `${name} is held ${heldCall.moment} its effect`,
        ...LONG_TIMEOUT,
      })
      .toBe(true);
}

/**
 * Finishes both copies and makes Odoo load the copied databases. Loading a database takes place on its first
 * call and can exceed 30 s, the timeout of a step. Without this preparation, one job's held call could time
 * out while the other job still waits for Odoo.
 */
async function loadCopiedDatabases(environment: OdooEnvironment) {
  const holdSignIn = () => environment.proxies[SIGN_IN.proxy].hold(SIGN_IN.callPattern, 'before');
  const heldCalls = [holdSignIn(), holdSignIn()];
  const worker = await environment.startWorker();
  await waitUntilHeld(heldCalls, SIGN_IN.name);
  await worker.kill();
  const { databases } = await environment.externalState();
  expect(databases).toHaveLength(2);
  for (const { name } of databases)
    expect(await environment.acceptsTemplateAdmin(String(name)), `sign-in to ${name}`).toBe(true);
}

/** Counts the jobs in which a step is running. */
async function countRunning({ server }: OdooEnvironment, name: string) {
  const [{ count }] = await server.rows(
    `SELECT count(*) FROM tenantry.job_steps WHERE name = '${name}' AND state = 'running'`,
  );
  return count;
}

/** The names of a tenant's steps with a lost attempt. */
async function findLostSteps(environment: OdooEnvironment, { slug }: NewTenantInput) {
  const steps = await environment.server.rows(
    `SELECT DISTINCT s.position, s.name FROM tenantry.step_attempts a
     JOIN tenantry.job_steps s USING (job_id, position) JOIN tenantry.jobs j ON j.id = a.job_id JOIN tenantry.tenants t ON t.id = j.tenant_id
     WHERE t.slug = '${slug}' AND a.outcome = 'lost' ORDER BY s.position`,
  );
  return steps.map(({ name }) => name);
}

odooTest(
  'one submit creates a working tenant in a real Odoo, with live updates',
  async ({ page, environment }) => {
    const [input, hold] = [newTenantInput(), environment.bridge.holdResponses()];
    const form = new ProvisionForm(page);
    await form.openAsAdmin(environment.server.url);
    await form.provision(input);
    await expect(title(page)).toContainText(`${input.name} is being set up`);
    for (const { name } of STEPS.slice(0, 5))
      await expect(step(page, name)).toHaveAttribute('data-status', 'succeeded', LONG_TIMEOUT);
    await expect(step(page, BRIDGE.name)).toHaveAttribute('data-status', 'running');
    await screenshot(page, 'real-odoo-midway');

    hold.release();
    for (const { name } of STEPS)
      await expect(step(page, name)).toHaveAttribute('data-status', 'succeeded', LONG_TIMEOUT);
    await expect(title(page)).toContainText(`${input.name} is ready`);
    await screenshot(page, 'real-odoo-ready');
    await expectExactlyTheseTenants(environment, [input]);
  },
);

odooTest.describe('with separate worker processes', () => {
  odooTest.use({ serverWorkers: 0 });

  odooTest(
    'killing the worker before and after the effect of each step leaves no duplicate',
    async ({ page, secondTab, environment }) => {
      const tabs = [page, secondTab].map((tab) => ({ tab, input: newTenantInput() }));
      const [first, second] = tabs;
      const form = new ProvisionForm(page);
      await form.openAsAdmin(environment.server.url);
      await form.provision(first.input);
      // Open the second tab after the first submit, because tabs share an unsubmitted draft.
      await open(secondTab, `${environment.server.url}/provision`);
      await new ProvisionForm(secondTab).provision(second.input);

      for (const { name, proxy, callPattern, lastCallPattern, effects } of STEPS) {
        if (name === SIGN_IN.name) await loadCopiedDatabases(environment);
        const heldCalls = [
          environment.proxies[proxy].hold(callPattern, 'before'),
          environment.proxies[proxy].hold(lastCallPattern ?? callPattern, 'after'),
        ];
        const worker = await environment.startWorker();
        await waitUntilHeld(heldCalls, name);
        expect(await countRunning(environment, name), `running jobs in ${name}`).toBe(2);
        for (const { tab } of tabs) await expect(step(tab, name)).toHaveAttribute('data-status', 'running');
        await worker.kill();
        // Only one of the two jobs has the effect: the job whose response was held.
        if (effects) expect(effects(await environment.externalState()), `effects of ${name}`).toBe(1);
      }

      await environment.startWorker();
      for (const { tab, input } of tabs) {
        await expect(title(tab)).toContainText(`${input.name} is ready`, LONG_TIMEOUT);
        expect(await findLostSteps(environment, input)).toEqual(STEPS.map(({ name }) => name));
      }
      await expectExactlyTheseTenants(environment, [first.input, second.input]);
      await step(page, STEPS[2].name).locator('summary').click();
      await screenshot(page, 'real-odoo-after-kills');
    },
  );
});
