import { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { createTenant, expectOneTenant, postTenant, findRequests } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { PROVISION, ProvisionForm } from '../support/provision-form';
import { ResponseHold } from '../support/response-hold';
import { expect, open, reload, test, waitForHydration } from '../support/test';

test('an address that is taken between check and submit is refused in the form', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/409/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const { tenant } = await createTenant({ ...newTenantInput(), ownerEmail: input.ownerEmail });
  await form.submit.click();

  await expect(form.errorCode).toHaveText('EMAIL_UNAVAILABLE');
  await form.expectRefused(input, form.ownerEmail);
  await expect(form.emailStatus).toContainText('Already owns');
  await expect(form.emailStatus.getByRole('link', { name: tenant.code })).toBeVisible();
  await expectUsableAtAllWidths(page, 'refused address');
  await resetViewport(page);
  await form.error.getByRole('link', { name: input.ownerEmail }).click();
  await expect(form.ownerEmail).toBeFocused();

  const other = newTenantInput().ownerEmail;
  await form.ownerEmail.fill(other);
  await expect(form.error).toHaveCount(0);
  await form.submitSuccessfully();
  await expectOneTenant({ ...input, ownerEmail: other });
});

test('a value that only the server can refuse is marked in the form', async ({ page, pageErrors }) => {
  pageErrors.expect(/422/);
  const form = new ProvisionForm(page);
  const input = { ...newTenantInput(), ownerEmail: 'mira@xn--99999999.example' };
  await form.open();
  await form.fill(input);
  await expect(form.emailStatus).toHaveAttribute('data-state', 'invalid');
  await form.submit.click();
  await expect(form.errorCode).toHaveText('EMAIL_VALIDATION_FAILED');
  await form.expectRefused(input, form.ownerEmail);
});

test('the refused attempt is linked from the form, and its request can be opened as a draft', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expect(/409/);
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  const key = await form.key.inputValue();
  const { tenant } = await createTenant({ ...newTenantInput(), slug: input.slug });
  await form.submit.click();
  await form.error.getByRole('link', { name: 'This attempt in the history' }).click();
  await expect(page.getByTestId('req-refused-fields')).toContainText(
    `Slug: The slug ${input.slug} is already used`,
  );
  await expect(page.getByRole('link', { name: tenant.code })).toBeVisible();
  await page.getByTestId('req-reopen').click();
  await form.expectValues(input);
  await waitForHydration(page);
  await expect(form.key).toHaveValue(key);
  await expect(form.slugStatus).toHaveAttribute('data-state', 'taken');
  await expect(form.suggestions).toHaveCount(3);

  // Edits are kept after a reload.
  await form.suggestions.first().click();
  await form.expectSaved();
  await reload(page);
  await form.expectValues({ ...input, slug: `${input.slug}-2` });
  await form.expectReady();
  await form.submitSuccessfully();
  const [request] = await findRequests(input.ownerEmail);
  expect(request).toMatchObject({ status: 'completed', attempts: 2 });
});

test('a draft that a reopened request replaces can be restored', async ({ page }) => {
  const [form, input, refused, key] = [
    new ProvisionForm(page),
    newTenantInput(),
    newTenantInput(),
    randomUUID(),
  ];
  const { requestId } = await (await postTenant({ ...refused, slug: 'admin' }, key)).json();
  await form.openWith(input);
  await open(page, `/provisioning/${requestId}`);
  await page.getByTestId('req-reopen').click();
  await form.expectValues({ ...refused, slug: 'admin' });
  await page.getByTestId('prov-undo-discard').click();
  await form.expectValues(input);
  await expect(form.key).not.toHaveValue(key);
});

/**
 * Submits a draft whose response does not arrive, and then opens a failed request as a draft. Returns the input of the
 * submitted draft and that of the request.
 */
async function reopenAfterSubmit(page: Page, hold: ResponseHold) {
  const [form, submitted, refused] = [new ProvisionForm(page), newTenantInput(), newTenantInput()];
  const { requestId } = await (await postTenant({ ...refused, slug: 'admin' })).json();
  await form.openWith(submitted);
  await page.route(PROVISION, hold.apply);
  await form.submit.click();
  await hold.reached;
  await open(page, `/provisioning/${requestId}`);
  await page.getByTestId('req-reopen').click();
  await expect(page.getByTestId('prov-unanswered')).toContainText(`whether ${submitted.name} was created`);
  return { form, submitted, refused: { ...refused, slug: 'admin' } };
}

test('a submitted draft without a response is kept when a request is opened as a draft', async ({ page }) => {
  const hold = new ResponseHold();
  const { form, submitted } = await reopenAfterSubmit(page, hold);
  await reload(page);
  await page.getByTestId('prov-return').click();
  // The key of the submitted draft finds the tenant.
  await expect(form.success).toHaveAttribute('data-replayed', 'true');
  await expect(page.getByText(submitted.name).first()).toBeVisible();
  await expectOneTenant(submitted);
  hold.release();
});

test('a submitted draft that a reopened request replaces can be restored', async ({ page }) => {
  const hold = new ResponseHold();
  const { form, submitted, refused } = await reopenAfterSubmit(page, hold);
  await page.getByTestId('prov-replace').click();
  await form.expectValues(refused);
  await page.getByTestId('prov-undo-discard').click();
  await expect(form.success).toHaveAttribute('data-replayed', 'true');
  await expectOneTenant(submitted);
  hold.release();
});
