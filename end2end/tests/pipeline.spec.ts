import { Page } from '@playwright/test';
import { expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { NewTenantInput, newTenantInput } from '../support/new-tenant-input';
import { PipelineEnvironment } from '../support/pipeline-environment';
import { ProvisionForm, setWithoutEvents } from '../support/provision-form';
import { takeScreenshots } from '../support/screenshots';
import { step, title } from '../support/request-page';
import { expect, leavePages, open, reload, SIGNED_OUT, test } from '../support/test';

const TEMPLATE = 'erp-18';
/** A template that a blueprint names before the template exists. */
const LATE_TEMPLATE = 'late-18';

const TOML = `
[[blueprints]]
name = "erp"
label = "ERP"
template = "${TEMPLATE}"
skippable = ["STEP_6_BRIDGE_METADATA_UPSERT"]

[[blueprints]]
name = "late"
label = "Late"
template = "${LATE_TEMPLATE}"

[[blueprints]]
name = "bare"
label = "Without a database"
steps = ["STEP_6_BRIDGE_METADATA_UPSERT"]
`;

const pipelineTest = test.extend<
  { environment: PipelineEnvironment },
  { sharedEnvironment: PipelineEnvironment }
>({
  /** The environment that the tests of one Playwright worker share. They run one after the other. */
  sharedEnvironment: [
    async ({}, use) => {
      const environment = await PipelineEnvironment.start(TOML);
      await environment.createTemplate(TEMPLATE);
      await use(environment);
      await environment.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  environment: async ({ context, sharedEnvironment }, use) => {
    await sharedEnvironment.reset();
    await use(sharedEnvironment);
    await leavePages(context);
  },
});

pipelineTest.use({ storageState: SIGNED_OUT });
pipelineTest.setTimeout(360_000);

const REFRESH_HEALTH = '**/api/fn/refresh_health*';
const COPY = 'STEP_1';
const BRIDGE = 'STEP_6';
const FINALIZE = 'STEP_7';

/** Signs in, and provisions a tenant with the form. */
async function provisionAsAdmin(
  page: Page,
  environment: PipelineEnvironment,
  input: NewTenantInput,
  blueprint = 'erp',
) {
  const form = new ProvisionForm(page);
  await form.openAsAdmin(environment.server.url);
  await form.provision(input, blueprint);
}

/** Checks the page at all widths, and saves screenshots if SCREENSHOTS is set. */
async function checkPage(page: Page, description: string) {
  if (process.env.SCREENSHOTS) await takeScreenshots(page, description.replaceAll(/\W+/g, '-'));
  await expectUsableAtAllWidths(page, description);
  await resetViewport(page);
}

pipelineTest(
  'the plan lists the steps of the blueprint, and the reason for each skipped step',
  async ({ page, environment }) => {
    await new ProvisionForm(page).openAsAdmin(environment.server.url);
    const planned = page.getByTestId('plan-step');
    await expect(page.getByLabel('Blueprint')).toHaveValue('erp');
    await expect(planned.nth(0)).toHaveText(`Copy database from ${TEMPLATE}`);
    await expect(planned.nth(1)).toHaveText(
      'Sign in to Odoo 18, Set the admin user in Odoo 18: skipped. Odoo 18 is not configured.',
    );
    await page.getByLabel('Blueprint').selectOption('bare');
    await expect(planned.nth(0)).toContainText('skipped. Not part of this blueprint.');
    await expect(planned.nth(1)).toHaveText('Update the metadata bridge');
    await checkPage(page, 'plan with steps');
  },
);

pipelineTest(
  'after a submit, the page shows live updates of the steps until the tenant is ready',
  async ({ page, environment }) => {
    const [input, hold] = [newTenantInput(), environment.bridge.holdResponses()];
    await provisionAsAdmin(page, environment, input);
    await expect(title(page)).toContainText(`${input.name} is being set up`);
    await expect(step(page, COPY)).toHaveAttribute('data-status', 'succeeded');
    await expect(step(page, COPY).getByTestId('req-reference')).toHaveText(/^ten-\d{8}$/);
    await expect(step(page, COPY)).toContainText(/database ten-\d{8}/);
    await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'running');
    await expect(step(page, BRIDGE)).toContainText('Attempt 1');
    await expect(page.getByTestId('req-summary')).toContainText('not active yet');
    await checkPage(page, 'running steps');

    // Updates keep the open disclosure and the focus.
    const secret = await new ProvisionForm(page).secret.innerText();
    const disclosure = step(page, COPY).locator('summary');
    await disclosure.click();
    await expect(disclosure).toBeFocused();
    const loads: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/fn/follow_request')) loads.push(request.url());
    });
    hold.release();
    await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
    await expect(title(page)).toContainText(`${input.name} is ready`);
    await expect(step(page, BRIDGE)).toContainText(/entry TEN-\d{8} in the metadata bridge/);
    await expect(step(page, COPY).locator('details')).toHaveAttribute('open', '');
    await expect(disclosure).toBeFocused();
    await expect(new ProvisionForm(page).secret).toHaveText(secret);
    expect(environment.bridge.tenantsWithSlug(input.slug)).toHaveLength(1);
    // The events contain the record, so the page does not load it.
    expect(loads).toEqual([]);

    await reload(page);
    await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
    // Leaving the page earlier would interrupt the download of its parts.
    await page.waitForLoadState('networkidle');
    await open(page, `${environment.server.url}/health`);
    await expect(page.getByTestId('health-verdict')).toContainText('All systems operational');
    await checkPage(page, 'health, all operational');
  },
);

pipelineTest('the remaining time is estimated from past runs', async ({ page, environment }) => {
  await provisionAsAdmin(page, environment, newTenantInput());
  await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
  const hold = environment.bridge.holdResponses();
  await open(page, `${environment.server.url}/provision`);
  await new ProvisionForm(page).provision(newTenantInput(), 'erp');
  await expect(step(page, FINALIZE)).toContainText(/usually \d/);
  await expect(page.getByTestId('req-summary')).toContainText(
    /second left \((1|median of \d+) past runs?\)|About \d+ s left|longer than usual/,
  );
  hold.release();
  await expect(step(page, FINALIZE)).toHaveAttribute('data-status', 'succeeded');
});

pipelineTest('a dead step shows its cause and can be retried', async ({ page, environment }) => {
  const input = newTenantInput();
  await provisionAsAdmin(page, environment, input, 'late');
  await expect(page.getByTestId('req-cause')).toContainText(
    `There is no template database ${LATE_TEMPLATE}.`,
  );
  await expect(page.getByTestId('req-cause')).toContainText('CONNECTOR_FAILED');
  await expect(title(page)).toContainText(`${input.name}: action required`);
  await expect(page.getByTestId('req-skip')).toHaveCount(0);
  await checkPage(page, 'dead step');

  const request = page.url();
  await open(page, `${environment.server.url}/health`);
  await expect(page.getByTestId('health-verdict')).toContainText('Action required');
  await checkPage(page, 'health with a dead step');
  await page.getByTestId('health-dead').getByRole('link', { name: input.name }).click();
  await expect(page).toHaveURL(request);

  await environment.createTemplate(LATE_TEMPLATE);
  await page.getByTestId('req-retry').click();
  await expect(title(page)).toContainText(`${input.name} is ready`);
  await expect(page.getByTestId('req-dead')).toHaveCount(0);
  await step(page, COPY).locator('summary').click();
  await expect(step(page, COPY).getByTestId('req-attempts').getByRole('listitem')).toHaveCount(2);
  await expect(page.getByTestId('history-detail')).toContainText('Step retried');
});

pipelineTest(
  'a dead step that the blueprint marks as skippable can be skipped',
  async ({ page, environment }) => {
    environment.bridge.refuse(403);
    const input = newTenantInput();
    await provisionAsAdmin(page, environment, input);
    await expect(page.getByTestId('req-dead')).toContainText('Update the metadata bridge');
    await page.getByTestId('req-skip').click();
    await expect(title(page)).toContainText(`${input.name} is ready`);
    await expect(step(page, BRIDGE)).toContainText('Skipped by an admin');
    expect(environment.bridge.tenantsWithSlug(input.slug)).toHaveLength(0);
  },
);

pipelineTest(
  'a rollback lists its effects, requires the slug and a reason, can be retried, and leaves nothing behind',
  async ({ page, environment, pageErrors }) => {
    pageErrors.expect(/502/);
    environment.bridge.refuse(403);
    const input = newTenantInput();
    await provisionAsAdmin(page, environment, input);
    await page.getByTestId('req-rollback').click();
    const dialog = page.getByRole('dialog', { name: `Roll back ${input.name}?` });
    const effects = dialog.getByTestId('rollback-list').getByRole('listitem');
    await expect(effects.nth(0)).toContainText('Update the metadata bridge');
    await expect(effects.nth(1)).toHaveText(/^Drops the database ten-\d{8}$/);
    const [database] = /ten-\d{8}/.exec(await effects.nth(1).innerText()) as RegExpExecArray;
    await expect(effects.nth(2)).toContainText(input.name);
    await expect(effects.nth(3)).toContainText(input.ownerEmail);
    await expect(effects.nth(4)).toContainText(input.slug);
    await expect(page.getByRole('button', { name: 'Keep tenant' })).toBeVisible();
    await checkPage(page, 'rollback');

    const confirm = dialog.getByRole('button', { name: `Roll back ${input.name}` });
    const slug = dialog.getByLabel('Slug of the tenant');
    await expect(confirm).toBeDisabled();
    await slug.fill(`${input.slug}-2`);
    await expect(confirm).toBeDisabled();
    await slug.fill(input.slug);
    await confirm.click();
    await expect(dialog.getByText('Enter the reason.')).toBeVisible();
    await expect(dialog.getByLabel('Reason')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(page.getByTestId('req-rollback')).toBeFocused();

    // The bridge refuses the rollback as well, so only the rollback can be retried.
    await page.getByTestId('req-rollback').click();
    await setWithoutEvents(dialog.getByLabel('Reason'), 'The customer changed their mind');
    await confirm.click();
    await expect(title(page)).toContainText(`${input.name} is being rolled back`);
    await expect(page.getByTestId('req-rollback-error')).toContainText('403');
    await expect(page.getByTestId('req-summary')).toHaveText(/^The steps are being undone/);
    await expect(page.getByTestId('req-retry')).toHaveCount(0);
    await expect(page.getByRole('alert')).toContainText('The rollback failed');
    await expect(title(page)).toBeFocused();
    await checkPage(page, 'failed rollback');
    const retried = page.waitForResponse('**/api/fn/rollback*');
    await page.getByTestId('req-rollback-retry').click();
    expect((await retried).status()).toBe(502);
    await expect(page.getByTestId('req-rollback-retry')).toBeFocused();

    environment.bridge.respondNormally();
    await page.getByTestId('req-rollback-retry').click();
    await expect(title(page)).toContainText(`${input.name} was rolled back`);
    await expect(title(page)).toBeFocused();
    await expect(page.getByTestId('req-summary')).toHaveText(/^The steps were undone/);
    await expect(page.getByTestId('req-rollback-reason')).toContainText('The customer changed their mind');
    await expect(dialog).toHaveCount(0);
    await expect(step(page, COPY)).toHaveAttribute('data-status', 'compensated');
    await checkPage(page, 'rolled back');
    const copies = `SELECT count(*) FROM pg_database WHERE datname LIKE '${database}%'`;
    expect(await environment.server.sql(copies)).toBe('0');

    await open(page, `${environment.server.url}/provision`);
    await new ProvisionForm(page).fill(input);
    await new ProvisionForm(page).expectReady();
  },
);

pipelineTest(
  'the page reconnects after a restart of the server',
  async ({ page, environment, pageErrors }) => {
    pageErrors.expect(
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|503/,
    );
    const [input, firstHold] = [newTenantInput(), environment.bridge.holdResponses()];
    await provisionAsAdmin(page, environment, input);
    await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'running');
    await expect(page.getByTestId('req-connection')).toHaveText('Live');

    await environment.server.stopAndKeepData();
    await expect(page.getByTestId('req-connection')).toHaveText('No connection, retrying');
    await checkPage(page, 'no connection');
    firstHold.release();
    const secondHold = environment.bridge.holdResponses();
    const stream = page.waitForResponse(
      (response) => new URL(response.url()).pathname.endsWith('/events') && response.status() === 200,
    );
    await environment.restart();
    await stream;
    await expect(page.getByTestId('req-connection')).toHaveText('Live');
    await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'running');
    secondHold.release();
    await expect(title(page)).toContainText(`${input.name} is ready`);
    expect(environment.bridge.tenantsWithSlug(input.slug)).toHaveLength(1);
  },
);

pipelineTest('an open circuit is shown and can be tested immediately', async ({ page, environment }) => {
  const health = `${environment.server.url}/health`;
  const verdict = page.getByTestId('health-verdict');
  const bridge = page.locator('[data-testid=health-connector][data-connector=bridge]');
  // Open the circuit before the job exists, so that no attempt can close the circuit or shorten the pause.
  await environment.server.sql(
    `INSERT INTO tenantry.breakers (connector, state, failures, next_test_at, message)
     VALUES ('bridge', 'open', 5, now() - interval '1 minute', 'the bridge responded with 500'),
            ('database_copy', 'open', 5, now() + interval '10 minutes', 'the server refused the connection')`,
  );
  await new ProvisionForm(page).openAsAdmin(environment.server.url);
  await open(page, health);
  await expect(bridge.locator('td').first()).toContainText('the next step tests it');
  await expect(bridge.locator('td').first()).not.toContainText('ago');

  await environment.server.sql(
    `UPDATE tenantry.breakers SET next_test_at = now() + interval '10 minutes' WHERE connector = 'bridge'`,
  );
  await open(page, `${environment.server.url}/provision`);
  const input = newTenantInput();
  await new ProvisionForm(page).provision(input, 'bare');
  await expect(step(page, BRIDGE)).toContainText(
    /Waiting: Metadata bridge keeps failing · next test in \d+ (s|min)/,
  );
  await expect(step(page, BRIDGE)).toHaveAttribute('data-status', 'pending');

  await open(page, health);
  await expect(verdict).toContainText('A circuit is open');
  await expect(verdict).toContainText('Database copy failed repeatedly');
  await expect(bridge).toHaveAttribute('data-status', 'open');
  await expect(bridge).toContainText(/next test in \d+ min/);
  await expect(bridge).toContainText('5 failures since the last success: the bridge responded with 500');
  await checkPage(page, 'health with an open circuit');

  // The response to the click updates the whole page, before the next poll.
  const hold = environment.bridge.holdResponses();
  await page.route(REFRESH_HEALTH, () => undefined);
  await environment.server.sql(`DELETE FROM tenantry.breakers WHERE connector = 'database_copy'`);
  await bridge.getByTestId('health-check').click();
  await expect(verdict).toContainText('Metadata bridge failed repeatedly');
  await page.unroute(REFRESH_HEALTH);
  hold.release();
  // The circuit closes long before its pause of ten minutes would end.
  await expect(bridge).toHaveAttribute('data-status', 'closed', { timeout: 60_000 });
  expect(environment.bridge.tenantsWithSlug(input.slug)).toHaveLength(1);
});
