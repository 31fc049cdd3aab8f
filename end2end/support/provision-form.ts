import { expect, Locator, Page } from '@playwright/test';
import { NewTenantInput } from './new-tenant-input';
import { open, startSession } from './test';
import { ADMIN } from './test-environment';

/** URL patterns of the server functions that the form calls. */
export const CHECK_SLUG = '**/api/fn/check_slug*';
export const CHECK_EMAIL = '**/api/fn/check_email*';
export const PROVISION = '**/api/fn/provision*';
export const FIND_BY_KEY = '**/api/fn/find_by_key*';

/** Sets the value of a control as some password managers do: without focus and without events. */
export const setWithoutEvents = (control: Locator, value: string) =>
  control.evaluate((input: HTMLInputElement, text) => void (input.value = text), value);

/** The provisioning form. */
export class ProvisionForm {
  constructor(readonly page: Page) {}

  private byTestId(id: string) {
    return this.page.getByTestId(id);
  }

  get name() {
    return this.byTestId('prov-name');
  }
  get slug() {
    return this.byTestId('prov-slug');
  }
  get slugStatus() {
    return this.byTestId('prov-slug-status');
  }
  get suggestions() {
    return this.byTestId('prov-slug-suggestion');
  }
  get ownerName() {
    return this.byTestId('prov-owner-name');
  }
  get ownerEmail() {
    return this.byTestId('prov-owner-email');
  }
  get emailStatus() {
    return this.byTestId('prov-owner-email-status');
  }
  get moreDetails() {
    return this.byTestId('prov-more-details');
  }
  get review() {
    return this.byTestId('prov-review');
  }
  get submit() {
    return this.byTestId('prov-submit');
  }
  get saved() {
    return this.byTestId('prov-draft-saved');
  }
  get startOver() {
    return this.byTestId('prov-start-over');
  }
  get key() {
    return this.byTestId('prov-key');
  }
  get progress() {
    return this.byTestId('prov-progress');
  }
  get stages() {
    return this.byTestId('prov-stage');
  }
  get success() {
    return this.byTestId('prov-success');
  }
  get secret() {
    return this.byTestId('prov-secret-key').locator('code');
  }
  get error() {
    return this.byTestId('prov-error');
  }
  get errorCode() {
    return this.byTestId('prov-error-code');
  }
  get retry() {
    return this.byTestId('prov-retry');
  }
  get errorSummary() {
    return this.page.locator('.error-summary');
  }

  async open() {
    await open(this.page, '/provision');
  }

  /** Opens the form of a server with a session of its admin. */
  async openAsAdmin(url: string) {
    await startSession(this.page.context(), url, ADMIN);
    await open(this.page, `${url}/provision`);
  }

  async fill(input: NewTenantInput) {
    await this.name.fill(input.name);
    await this.ownerName.fill(input.ownerName);
    await this.ownerEmail.fill(input.ownerEmail);
  }

  /** Waits until the slug and the e-mail are available. */
  async expectReady() {
    await expect(this.slugStatus).toHaveAttribute('data-state', 'available');
    await expect(this.emailStatus).toHaveAttribute('data-state', 'available');
  }

  /** Fills the open form with available values, submits the form and waits until the tenant is created. */
  async provision(input: NewTenantInput, blueprint?: string) {
    await this.fill(input);
    if (blueprint) await this.page.getByLabel('Blueprint').selectOption(blueprint);
    await this.expectReady();
    await this.submitSuccessfully();
  }

  /** Submits the form and waits until the tenant is created. */
  async submitSuccessfully() {
    await this.submit.click();
    await expect(this.success).toBeVisible();
  }

  /** Opens the form and fills it with available values. */
  async openWith(input: NewTenantInput) {
    await this.open();
    await this.fill(input);
    await this.expectReady();
    await this.expectSaved();
  }

  async expectSaved() {
    await expect(this.saved).toHaveAttribute('data-saved', 'true');
  }

  /** Asserts that the server has refused this field: the form has all values, and the focus is on the field. */
  async expectRefused(input: NewTenantInput, field: Locator) {
    await expect(this.page).toHaveURL(/\/provision$/);
    await expect(this.error.getByRole('alert')).toContainText(
      `${input.name} was not created: 1 field to fix`,
    );
    await expect(this.error).toContainText('Nothing was left behind');
    await this.expectValues(input);
    await expect(field).toBeFocused();
    await expect(field).toHaveAttribute('aria-invalid', 'true');
  }

  async expectEmpty() {
    await this.expectValues({ name: '', slug: '', ownerName: '', ownerEmail: '' });
  }

  async expectValues(input: NewTenantInput) {
    await expect(this.name).toHaveValue(input.name);
    await expect(this.slug).toHaveValue(input.slug);
    await expect(this.ownerName).toHaveValue(input.ownerName);
    await expect(this.ownerEmail).toHaveValue(input.ownerEmail);
  }
}
