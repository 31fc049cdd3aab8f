import { expectOneTenant } from '../support/api';
import { newTenantInput } from '../support/new-tenant-input';
import { ProvisionForm } from '../support/provision-form';
import { expect, open, signIn, test, waitForRender } from '../support/test';
import { ADMIN } from '../support/test-environment';

/** Scripts that make the browser's storage unusable. */
const FAULTS = {
  'is forbidden': () => {
    const get = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    Object.defineProperty(window, 'localStorage', { get });
  },
  'is missing': () => Object.defineProperty(window, 'localStorage', { get: () => null }),
  'is full': () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  },
};

for (const [fault, script] of Object.entries(FAULTS)) {
  test(`a draft can be submitted where storage ${fault}`, async ({ page }) => {
    const [form, input] = [new ProvisionForm(page), newTenantInput()];
    await page.addInitScript(script);
    await form.open();
    await form.fill(input);
    await form.expectReady();
    await expect(form.saved).toHaveText("Draft can't be saved in this browser");
    await form.submitSuccessfully();
    await expectOneTenant(input);
  });

  test(`a draft survives an ended session where storage ${fault}`, async ({ page, context, pageErrors }) => {
    pageErrors.expect(/401/);
    const [form, input] = [new ProvisionForm(page), newTenantInput()];
    await page.addInitScript(script);
    await form.open();
    await form.fill(input);
    await form.expectReady();
    await context.clearCookies();
    await form.submit.click();
    await expect(form.errorCode).toHaveText('UNAUTHENTICATED');
    await expect(page.getByText("This browser can't save your draft, so keep this tab open.")).toBeVisible();

    // The link opens a new tab, because this tab has the only copy of the draft.
    const opened = context.waitForEvent('page');
    await form.error.getByRole('link', { name: 'Sign in' }).click();
    const signInTab = await opened;
    await signIn(signInTab, ADMIN.email, ADMIN.password);
    await expect(signInTab).toHaveURL(/\/provision$/);
    await page.getByRole('button', { name: 'Back to the draft' }).click();
    await form.expectValues(input);
    await form.submitSuccessfully();
    await expectOneTenant(input);
  });
}

test('a draft that only its tab has is not replaced by the draft of another tab', async ({
  page,
  secondTab,
}) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  const [otherForm, otherInput] = [new ProvisionForm(secondTab), newTenantInput()];
  await page.addInitScript(FAULTS['is full']);
  await form.open();
  await form.fill(input);
  await form.expectReady();
  await expect(form.saved).toHaveText("Draft can't be saved in this browser");
  const lookup = page.waitForResponse(/find_by_key/);
  await otherForm.openWith(otherInput);
  await lookup;
  await waitForRender(page);
  await form.expectValues(input);
  await form.submitSuccessfully();
  await expectOneTenant(input);
});

test('the theme is kept on the next page where storage is forbidden', async ({ page }) => {
  await page.addInitScript(FAULTS['is forbidden']);
  await open(page, '/provision');
  await page.getByRole('button', { name: /Theme: system/ }).click();
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect(page.getByTestId('history-page')).toBeVisible();
  await expect(page.getByRole('button', { name: /Theme: light/ })).toBeVisible();
});
