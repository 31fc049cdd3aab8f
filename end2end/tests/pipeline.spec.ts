import { Page } from '@playwright/test';
import { expectAccessible, expectNarrow } from '../support/audit';
import { Bridge } from '../support/bridge';
import { Customer, customer } from '../support/customer';
import { ProvisionForm } from '../support/form';
import { shoot } from '../support/pictures';
import { step, title, wide } from '../support/request';
import { Server } from '../support/server';
import { expect, open, reload, test } from '../support/test';

const TEMPLATE = 'erp-18';

const TOML = `
[[blueprints]]
name = "erp"
label = "ERP"
template = "${TEMPLATE}"
skippable = ["STEP_6_BRIDGE_METADATA_UPSERT"]

[[blueprints]]
name = "bare"
label = "Without a database"
steps = ["STEP_6_BRIDGE_METADATA_UPSERT"]
`;

/** A server with a pipeline: copies in its own PostgreSQL, and a bridge that does as it is told. */
class World {
  private constructor(
    readonly server: Server,
    readonly bridge: Bridge,
    private readonly env: Record<string, string>,
  ) {}

  static async start(): Promise<World> {
    const [server, bridge] = [await Server.startWithAdmin(), await Bridge.start()];
    const env = {
      TENANTRY_COPY_URL: server.databaseUrl('postgres'),
      TENANTRY_BRIDGE_URL: bridge.url,
      TENANTRY_BRIDGE_TOKEN: 'a token that only this bridge knows',
    };
    const world = new World(server, bridge, env);
    // Only now is it known where its PostgreSQL is.
    await server.end();
    await world.startAgain();
    return world;
  }

  startAgain() {
    return this.server.startAgain({ env: this.env, toml: TOML });
  }

  makeTemplate() {
    return this.server.sql(`CREATE DATABASE "${TEMPLATE}"`);
  }

  async stop() {
    await this.server.stop();
    await this.bridge.stop();
  }
}

const own = test.extend<{ world: World }>({
  world: async ({ page }, use) => {
    const world = await World.start();
    await use(world);
    // An open page asks by itself now and then, and would find nobody.
    await page.goto('about:blank');
    await world.stop();
  },
});

own.use({ storageState: { cookies: [], origins: [] } });
own.setTimeout(90_000);

const COPY = 'STEP_1';
const BRIDGE = 'STEP_6';
const FINALIZE = 'STEP_7';

/** Submits a customer's form. */
async function submit(page: Page, world: World, golden: Customer, blueprint = 'erp') {
  await new ProvisionForm(page).openAsAdmin(world.server.url);
  await fillAndSend(page, golden, blueprint);
}

async function fillAndSend(page: Page, golden: Customer, blueprint = 'erp') {
  const form = new ProvisionForm(page);
  await form.fill(golden);
  await page.getByLabel('Blueprint').selectOption(blueprint);
  await form.expectReady();
  await form.submit.click();
  await expect(form.success).toBeVisible();
}

async function audit(page: Page, what: string) {
  if (process.env.SCREENSHOTS) await shoot(page, what.replaceAll(/\W+/g, '-'));
  await wide(page);
  await expectAccessible(page, what);
  await expectNarrow(page, what);
  await expectAccessible(page, `${what} at 320 px`, ['light']);
  await wide(page);
}

own('the plan names the steps of the blueprint, and why others are skipped', async ({ page, world }) => {
  await new ProvisionForm(page).openAsAdmin(world.server.url);
  const planned = page.getByTestId('plan-step');
  await expect(page.getByLabel('Blueprint')).toHaveValue('erp');
  await expect(planned.nth(0)).toHaveText(`Copy database of ${TEMPLATE}`);
  await expect(planned.nth(1)).toContainText('Odoo 18 is not configured');
  await page.getByLabel('Blueprint').selectOption('bare');
  await expect(planned.nth(0)).toContainText('not part of this blueprint');
  await expect(planned.nth(5)).toHaveText('Update the metadata bridge');
  await audit(page, 'plan with steps');
});

own('after a submit the steps appear as they run, and end with the tenant ready', async ({ page, world }) => {
  await world.makeTemplate();
  const [golden, gate] = [customer(), world.bridge.hold()];
  await submit(page, world, golden);
  await expect(title(page)).toContainText(`${golden.name} is being set up`);
  await expect(step(page, COPY)).toHaveAttribute('data-status', 'succeeded');
  await expect(step(page, COPY).getByTestId('req-reference')).toHaveText(/^ten-\d{8}$/);
  await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'running');
  await expect(step(page, BRIDGE)).toContainText('Try 1 of 5');
  await expect(page.getByTestId('req-words')).toContainText('not active yet');
  await audit(page, 'steps that run');

  // What is open and what has the focus stay so while the page is told what is new.
  const secret = await new ProvisionForm(page).secret.innerText();
  const disclosure = step(page, COPY).locator('summary');
  await disclosure.click();
  await expect(disclosure).toBeFocused();
  gate.release();
  await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
  await expect(title(page)).toContainText(`${golden.name} is ready`);
  await expect(step(page, COPY).locator('details')).toHaveAttribute('open', '');
  await expect(disclosure).toBeFocused();
  await expect(new ProvisionForm(page).secret).toHaveText(secret);
  expect(world.bridge.size).toBe(1);

  await reload(page);
  await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
  await open(page, `${world.server.url}/health`);
  await expect(page.getByTestId('health-verdict')).toContainText('All is well');
  await audit(page, 'health, all well');
});

own('once there are past runs, the time that is left is guessed from them', async ({ page, world }) => {
  await world.makeTemplate();
  await submit(page, world, customer());
  await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
  const gate = world.bridge.hold();
  await open(page, `${world.server.url}/provision`);
  await fillAndSend(page, customer());
  await expect(step(page, FINALIZE)).toContainText(/usually \d/);
  await expect(page.getByTestId('req-words')).toContainText(
    /second left \(1 past run\)|about \d+ s left|longer than usual/,
  );
  gate.release();
  await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
});

own(
  'a dead letter tells its cause, and is retried from its page once that is gone',
  async ({ page, world }) => {
    const golden = customer();
    await submit(page, world, golden);
    await expect(page.getByTestId('req-cause')).toContainText(`There is no template database ${TEMPLATE}.`);
    await expect(page.getByTestId('req-cause')).toContainText('CONNECTOR_FAILED');
    await expect(title(page)).toContainText(`${golden.name} needs a decision`);
    await expect(page.getByTestId('req-skip')).toHaveCount(0);
    await audit(page, 'dead letter');

    const request = page.url();
    await open(page, `${world.server.url}/health`);
    await expect(page.getByTestId('health-verdict')).toContainText('Somebody must decide');
    await audit(page, 'health with a dead letter');
    await page.getByTestId('health-dead').getByRole('link', { name: golden.name }).click();
    await expect(page).toHaveURL(request);

    await world.makeTemplate();
    await page.getByTestId('req-retry').click();
    await expect(title(page)).toContainText(`${golden.name} is ready`);
    await expect(page.getByTestId('req-dead')).toHaveCount(0);
    await step(page, COPY).locator('summary').click();
    await expect(step(page, COPY).getByTestId('req-attempts').getByRole('listitem')).toHaveCount(2);
    await expect(page.getByTestId('history-detail')).toContainText('step.retried');
  },
);

own('a step that the blueprint can do without is skipped from the page', async ({ page, world }) => {
  await world.makeTemplate();
  world.bridge.refuse(403);
  const golden = customer();
  await submit(page, world, golden);
  await expect(page.getByTestId('req-dead')).toContainText('Update the metadata bridge');
  await page.getByTestId('req-skip').click();
  await expect(title(page)).toContainText(`${golden.name} is ready`);
  await expect(step(page, BRIDGE)).toContainText('An admin went on without it');
  expect(world.bridge.size).toBe(0);
});

own(
  'a rollback says what it will undo, asks for a reason, is finished once begun, and leaves nothing',
  async ({ page, world, faults }) => {
    faults.expect(/502/);
    await world.makeTemplate();
    world.bridge.refuse(403);
    const golden = customer();
    await submit(page, world, golden);
    await page.getByTestId('req-rollback').click();
    const dialog = page.getByRole('dialog', { name: `Roll back ${golden.name}?` });
    const undone = dialog.getByTestId('rollback-list').getByRole('listitem');
    await expect(undone.nth(0)).toContainText('Update the metadata bridge');
    await expect(undone.nth(1)).toHaveText(/^Drops the database ten-\d{8}$/);
    await expect(undone.nth(2)).toContainText(golden.name);
    await expect(undone.nth(3)).toContainText(golden.ownerEmail);
    await expect(undone.nth(4)).toContainText(golden.slug);
    await expect(page.getByRole('button', { name: 'Keep it' })).toBeVisible();
    await audit(page, 'rollback');

    const confirm = dialog.getByRole('button', { name: `Roll back ${golden.name}` });
    await confirm.click();
    await expect(dialog.getByText('Enter the reason.')).toBeVisible();
    await expect(dialog.getByLabel('Reason')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(page.getByTestId('req-rollback')).toBeFocused();

    // The bridge refuses this too: the rollback stays to be finished, and nothing else can be decided.
    await page.getByTestId('req-rollback').click();
    await dialog.getByLabel('Reason').fill('The customer changed their mind');
    await confirm.click();
    await expect(title(page)).toContainText(`${golden.name} is being rolled back`);
    await expect(page.getByTestId('req-undo-problem')).toContainText('403');
    await expect(page.getByTestId('req-retry')).toHaveCount(0);
    await audit(page, 'rollback that cannot be finished yet');

    world.bridge.behave();
    await page.getByTestId('req-undo-again').click();
    await expect(title(page)).toContainText(`${golden.name} was rolled back`);
    await expect(page.getByTestId('req-undo-reason')).toContainText('The customer changed their mind');
    await expect(dialog).toHaveCount(0);
    await expect(step(page, COPY)).toHaveAttribute('data-status', 'compensated');
    await audit(page, 'rolled back');
    expect(await world.server.sql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'ten-%'`)).toBe('0');

    await open(page, `${world.server.url}/provision`);
    await new ProvisionForm(page).fill(golden);
    await new ProvisionForm(page).expectReady();
  },
);

own('the page goes on by itself after the server was restarted', async ({ page, world, faults }) => {
  faults.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|503/);
  await world.makeTemplate();
  const [golden, before] = [customer(), world.bridge.hold()];
  await submit(page, world, golden);
  await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'running');
  await expect(page.getByTestId('req-contact')).toHaveText('Live');

  await world.server.end();
  await expect(page.getByTestId('req-contact')).toHaveText('No connection; trying again');
  await audit(page, 'no connection');
  before.release();
  const after = world.bridge.hold();
  const stream = page.waitForResponse(
    (response) => response.url().endsWith('/events') && response.status() === 200,
  );
  await world.startAgain();
  await stream;
  await expect(page.getByTestId('req-contact')).toHaveText('Live');
  await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'running');
  after.release();
  await expect(title(page)).toContainText(`${golden.name} is ready`);
  expect(world.bridge.size).toBe(1);
});

own('a connector that is left alone is said, and tried at once on demand', async ({ page, world }) => {
  await world.makeTemplate();
  world.bridge.refuse(500);
  const golden = customer();
  await submit(page, world, golden, 'bare');
  await expect(step(page, BRIDGE)).toContainText('tries used');
  // As five failures in a row leave it, which by themselves take half a minute.
  await world.server.sql(
    `UPDATE tenantry.breakers SET state = 'open', failures = 5, until = now() + interval '10 minutes', changed_at = now() WHERE connector = 'bridge'`,
  );
  world.bridge.behave();
  await open(page, `${world.server.url}/health`);
  const bridge = page.locator('[data-testid=health-connector][data-connector=bridge]');
  await expect(bridge).toHaveAttribute('data-status', 'open');
  await audit(page, 'health with an open breaker');
  await bridge.getByTestId('health-check').click();
  await expect(bridge.getByTestId('health-check')).toBeEnabled();
  const until = await world.server.sql(
    `SELECT until <= clock_timestamp() FROM tenantry.breakers WHERE connector = 'bridge'`,
  );
  expect(['t', '']).toContain(until);
  await expect(bridge).toHaveAttribute('data-status', 'closed', { timeout: 60_000 });
});
