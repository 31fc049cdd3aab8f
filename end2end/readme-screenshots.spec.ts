import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { postTenant } from './support/api';
import { NewTenantInput } from './support/new-tenant-input';
import { PipelineEnvironment } from './support/pipeline-environment';
import { createToken } from './support/processes';
import { ProvisionForm } from './support/provision-form';
import { step, title } from './support/request-page';
import { SCREENSHOT_DIRECTORY } from './support/screenshots';
import { expect, leavePages, open, reload, test } from './support/test';

const TEMPLATE = 'restaurant-template';

const TOML = `
[[blueprints]]
name = "standard"
label = "Restaurant"
template = "${TEMPLATE}"
`;

const tenant = (name: string, slug: string, ownerName: string): NewTenantInput => {
  const [firstName] = ownerName.toLowerCase().split(' ');
  return { name, slug, ownerName, ownerEmail: `${firstName}@${slug}.example` };
};

// The README links to these screenshots. This command replaces them:
// SCREENSHOTS=../docs/images npx playwright test readme-screenshots --project screenshots
test('the screenshots of the README', async ({ signedOutPage: page }) => {
  test.setTimeout(120_000);
  const environment = await PipelineEnvironment.start(TOML, { demoData: true });
  const { server, bridge } = environment;
  const takeReadmeScreenshot = async (name: string, height: number) => {
    await page.setViewportSize({ width: 1280, height });
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.screenshot({ path: join(SCREENSHOT_DIRECTORY, `${name}.png`) });
  };
  try {
    await environment.createTemplate(TEMPLATE);
    const form = new ProvisionForm(page);
    const provision = async (input: NewTenantInput) => {
      await open(page, `${server.url}/provision`);
      await form.provision(input);
    };
    await form.openAsAdmin(server.url);
    for (const input of [
      tenant('Blue Harbor Hotel', 'blue-harbor-hotel', 'Jon Reyes'),
      tenant('Green Fork', 'green-fork', 'Eva Brandt'),
    ]) {
      await provision(input);
      await expect(title(page)).toContainText('is ready');
    }
    // The fake bridge responds immediately. A real bridge takes longer.
    await server.sql(
      `UPDATE tenantry.step_attempts SET started_at = started_at - interval '9 seconds' WHERE position = 6`,
    );

    await open(page, `${server.url}/provision`);
    await form.fill(tenant('Golden Spoon', 'golden-spoon', 'Anna Weber'));
    await expect(form.suggestions).toHaveCount(3);
    await expect(form.emailStatus).toHaveAttribute('data-state', 'available');
    await form.expectSaved();
    await takeReadmeScreenshot('provision', 900);

    const hold = bridge.holdResponses();
    await form.suggestions.first().click();
    await form.expectReady();
    await form.submitSuccessfully();
    // A reload hides the secrets, which are shown once.
    await reload(page);
    await expect(step(page, 'STEP_6')).toHaveAttribute('data-status', 'running');
    await expect(page.getByTestId('req-summary')).toContainText('s left');
    await takeReadmeScreenshot('pipeline', 1020);
    hold.release();
    await expect(title(page)).toContainText('Golden Spoon');
    await expect(step(page, 'STEP_7')).toHaveAttribute('data-status', 'succeeded');

    bridge.refuse(403);
    await provision(tenant('Café Wrocław', 'cafe-wroclaw', 'Ewa Lis'));
    await page.getByTestId('req-rollback').click();
    bridge.respondNormally();
    const dialog = page.getByTestId('rollback-dialog');
    await dialog.getByTestId('rollback-slug').fill('cafe-wroclaw');
    await dialog.getByLabel('Reason').fill('The customer changed their mind');
    await dialog.getByTestId('rollback-confirm').click();
    await expect(title(page)).toContainText('was rolled back');

    const api = { url: server.url, token: await createToken(server.dataDir, 'billing') };
    const polarStar = tenant('Polar Star Catering', 'polar-star', 'Iris Lange');
    for (const [input, status] of [
      [tenant('The Golden Spoon', 'golden-spoon', 'Tom Blake'), 409],
      [polarStar, 202],
      [{ ...polarStar, slug: 'polar-star-2' }, 409],
    ] as const) {
      const response = await postTenant(input, randomUUID(), api);
      expect(response.status, await response.text()).toBe(status);
    }
    await provision(tenant('Hartley & Daughters', 'hartley-daughters', 'Ann Hartley'));
    await expect(title(page)).toContainText('is ready');
    await open(page, `${server.url}/provisioning`);
    // Below them, the history of the demo data.
    await expect(page.getByTestId('history-row').nth(8)).toBeVisible();
    await takeReadmeScreenshot('history', 760);
  } finally {
    await leavePages(page.context());
    await environment.stop();
  }
});
