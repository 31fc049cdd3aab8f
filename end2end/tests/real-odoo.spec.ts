import { Page } from '@playwright/test';
import { Customer, customer } from '../support/customer';
import { ProvisionForm } from '../support/form';
import { whyNoOdoo } from '../support/odoo';
import { Lines, LIST, OdooWorld, SHOP } from '../support/odoo-world';
import { shoot } from '../support/pictures';
import { tenantry } from '../support/processes';
import { step, title, wide } from '../support/request';
import { expect, open, test } from '../support/test';

type Outside = Awaited<ReturnType<OdooWorld['outside']>>;

interface StepCase {
  name: string;
  line: keyof Lines;
  /** The call by which the step has its effect, as only that says it. */
  call: string;
  /** The statement that ends it, where it is not that call. */
  last?: string;
  /** How many tenants have this step's effect; none for one that only looks. */
  effects?: (outside: Outside) => number;
}

const STEPS: StepCase[] = [
  {
    name: 'STEP_1_COPY_DB',
    line: 'copy',
    call: 'CREATE DATABASE "ten-',
    last: 'RENAME TO "ten-',
    effects: ({ databases }) => databases.length,
  },
  { name: 'STEP_2_ODOO18_AUTH', line: 'odoo', call: '"method":"authenticate"' },
  {
    name: 'STEP_3_ODOO18_UPDATE_ADMIN_USER',
    line: 'odoo',
    call: '"res.users","write"',
    effects: ({ databases }) => databases.filter(({ login }) => login !== 'admin').length,
  },
  {
    name: 'STEP_4_ODOO19_UPSERT_TENANT',
    line: 'odoo',
    call: 'POST /json/2/vendor.ops.tenant/create ',
    effects: ({ tenants }) => tenants.length,
  },
  {
    name: 'STEP_5_ODOO19_UPSERT_TENANT_USER',
    line: 'odoo',
    call: 'POST /json/2/vendor.ops.tenant.user/create ',
    effects: ({ users }) => users.length,
  },
  {
    name: 'STEP_6_BRIDGE_METADATA_UPSERT',
    line: 'bridge',
    call: 'PUT /tenants/',
    effects: ({ bridge }) => bridge.length,
  },
  {
    name: 'STEP_7_FINALIZE_TENANT',
    line: 'odoo',
    call: 'POST /json/2/vendor.ops.tenant/write ',
    effects: ({ tenants }) => tenants.filter((tenant) => tenant.bridge_sync_status === 'ok').length,
  },
];
const BRIDGE = STEPS[5];

/** A machine with much to do takes its time. */
const PATIENCE = { timeout: 60_000 };

const own = test.extend<{ serverWorkers: number; world: OdooWorld }, { missing: string | undefined }>({
  // Odoo may have to be fetched.
  missing: [async ({}, use) => use(await whyNoOdoo()), { scope: 'worker', timeout: 15 * 60_000 }],
  /** How many workers the server itself has. */
  serverWorkers: [2, { option: true }],
  world: [
    async ({ context, missing, serverWorkers }, use) => {
      own.skip(missing !== undefined, missing);
      const world = new OdooWorld();
      try {
        await world.start(serverWorkers);
        await use(world);
      } finally {
        // An open page asks by itself now and then, and would find nobody.
        await Promise.allSettled(context.pages().map((page) => page.goto('about:blank')));
        await world.stop();
      }
    },
    { timeout: 180_000 },
  ],
});

own.use({ storageState: { cookies: [], origins: [] } });
own.setTimeout(180_000);

async function fillAndSend(page: Page, golden: Customer) {
  const form = new ProvisionForm(page);
  await form.fill(golden);
  await form.expectReady();
  await form.submit.click();
  await expect(form.success).toBeVisible();
}

async function picture(page: Page, name: string) {
  if (!process.env.SCREENSHOTS) return;
  await shoot(page, name);
  await wide(page);
}

/** What a customer's tenant should have in each of the other systems. */
function wanted({ name, slug, ownerName, ownerEmail }: Customer, code: string, plan: string) {
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
      plan,
      bridge_sync_status: 'ok',
      business_base_url: `${SHOP}/${slug}`,
      notes: expect.stringMatching(/^Tenantry request [-0-9a-f]{36}$/),
    },
    user: {
      code,
      email: ownerEmail,
      name: ownerName,
      role: 'owner',
      odoo18_user_id: 2,
      odoo18_login: ownerEmail,
    },
    told: expect.objectContaining({
      code,
      slug,
      name,
      plan,
      database,
      owner: { name: ownerName, email: ownerEmail },
    }),
  };
}

/** That each of these has a tenant that works, with exactly one of each thing in the other systems, and nobody else anything. */
async function expectOneOfEach(world: OdooWorld, customers: Customer[]) {
  const made = await world.server.rows('SELECT code, slug, plan, status FROM tenantry.tenants ORDER BY code');
  expect(made.map(({ slug, status }) => [slug, status])).toEqual(
    customers.map(({ slug }) => [slug, 'active']),
  );
  const all = customers.map((golden, nth) => wanted(golden, String(made[nth].code), String(made[nth].plan)));

  const { databases, tenants, users, bridge } = await world.outside();
  expect(databases).toEqual(all.map(({ database }) => database));
  expect(tenants).toEqual(all.map(({ tenant }) => tenant));
  expect(users).toEqual(all.map(({ user }) => user));
  expect(bridge).toHaveLength(all.length);
  expect(bridge).toEqual(expect.arrayContaining(all.map(({ told }) => told)));

  const identities = [world.identity, ...databases.map(({ identity }) => identity)].flat();
  expect(new Set(identities).size, 'identities').toBe(identities.length);
  expect(await world.opensToTemplateAdmin(LIST)).toBe(true);
  for (const { database } of all)
    expect(
      await world.opensToTemplateAdmin(database.name),
      `${database.name} opens to the template's admin`,
    ).toBe(false);
  await tenantry(world.server.dataDir, ['verify']);
}

/** In how many jobs a step is under way. */
async function countRunning({ server }: OdooWorld, name: string) {
  const [{ count }] = await server.rows(
    `SELECT count(*) FROM tenantry.job_steps WHERE name = '${name}' AND state = 'running'`,
  );
  return count;
}

/** The steps of a customer's tenant that were taken away from a worker that was lost. */
async function lostSteps(world: OdooWorld, { slug }: Customer) {
  const lost = await world.server.rows(
    `SELECT DISTINCT s.position, s.name FROM tenantry.step_attempts a
     JOIN tenantry.job_steps s USING (job_id, position) JOIN tenantry.jobs j ON j.id = a.job_id JOIN tenantry.tenants t ON t.id = j.tenant_id
     WHERE t.slug = '${slug}' AND a.outcome = 'lost' ORDER BY s.position`,
  );
  return lost.map(({ name }) => name);
}

own('one submit leads, live on the page, to a working tenant in a real Odoo', async ({ page, world }) => {
  const [golden, gate] = [customer(), world.bridge.hold()];
  await new ProvisionForm(page).openAsAdmin(world.server.url);
  await fillAndSend(page, golden);
  await expect(title(page)).toContainText(`${golden.name} is being set up`);
  for (const { name } of STEPS.slice(0, 5))
    await expect(step(page, name)).toHaveAttribute('data-status', 'succeeded', PATIENCE);
  await expect(step(page, BRIDGE.name)).toHaveAttribute('data-status', 'running');
  await picture(page, 'real-odoo-midway');

  gate.release();
  for (const { name } of STEPS)
    await expect(step(page, name)).toHaveAttribute('data-status', 'succeeded', PATIENCE);
  await expect(title(page)).toContainText(`${golden.name} is ready`);
  await picture(page, 'real-odoo-ready');
  await expectOneOfEach(world, [golden]);
});

own.describe('with workers in processes of their own', () => {
  own.use({ serverWorkers: 0 });

  own(
    'with the worker killed in each step, before its effect and after it, there is still one of each',
    async ({ page, secondTab, world }) => {
      const both = [page, secondTab].map((tab) => ({ tab, golden: customer() }));
      const [one, other] = both;
      await new ProvisionForm(page).openAsAdmin(world.server.url);
      await fillAndSend(page, one.golden);
      // Opened now: two tabs share the draft that is not sent yet.
      await open(secondTab, `${world.server.url}/provision`);
      await fillAndSend(secondTab, other.golden);

      for (const { name, line, call, last, effects } of STEPS) {
        const held = [world.lines[line].hold(call, 'before'), world.lines[line].hold(last ?? call, 'after')];
        const worker = await world.startWorker();
        for (const call of held)
          await expect
            .poll(() => call.reached, { message: `${name} is held ${call.moment} its effect`, ...PATIENCE })
            .toBe(true);
        expect(await countRunning(world, name), `tenants in ${name}`).toBe(2);
        for (const { tab } of both) await expect(step(tab, name)).toHaveAttribute('data-status', 'running');
        await worker.kill();
        // Of the two, one has it and one has not.
        if (effects) expect(effects(await world.outside()), `effects of ${name}`).toBe(1);
      }

      await world.startWorker();
      for (const { tab, golden } of both) {
        await expect(title(tab)).toContainText(`${golden.name} is ready`, PATIENCE);
        expect(await lostSteps(world, golden)).toEqual(STEPS.map(({ name }) => name));
      }
      await expectOneOfEach(world, [one.golden, other.golden]);
      await step(page, STEPS[2].name).locator('summary').click();
      await picture(page, 'real-odoo-after-kills');
    },
  );
});
