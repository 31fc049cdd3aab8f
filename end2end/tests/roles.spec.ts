import { createEmployee, newEmployee } from '../support/employee';
import { expect, open, signIn, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

test('a viewer sees the history and cannot provision', async ({ signedOutPage: page, pageErrors }) => {
  const { email, password } = await createEmployee(testEnvironment().dataDir, newEmployee('VIEWER'));
  await open(page, '/provisioning');
  await signIn(page, email, password);
  await expect(page.getByTestId('history-page')).toBeVisible();

  await open(page, '/health');
  await expect(page.getByTestId('health-verdict')).toContainText('No external system is configured');

  await open(page, '/provision');
  await expect(page.getByText("Your role can't provision tenants")).toBeVisible();
  await expect(page.getByTestId('prov-submit')).toHaveCount(0);

  pageErrors.expect(/403/);
  const statuses = await page.evaluate(async () => {
    const post = (address: string, body: object) =>
      fetch(address, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      });
    const responses = [
      await post('/api/fn/check_slug', { slug: 'golden-spoon', name: 'Golden Spoon' }),
      await post('/api/fn/check_email', { email: 'mira@bakery.example' }),
      await post('/api/v1/admin/tenants', {}),
      await post('/api/fn/retry_step', { id: crypto.randomUUID() }),
      await post('/api/fn/skip_step', { id: crypto.randomUUID() }),
      await post('/api/fn/rollback', { id: crypto.randomUUID(), slug: 'none', reason: 'none' }),
      await post('/api/fn/check_connector', { connector: 'bridge' }),
    ];
    return responses.map((response) => response.status);
  });
  expect(statuses).toEqual(Array(7).fill(403));
});
