import { expect, Page, Request, Route } from '@playwright/test';
import { NewTenantInput } from './new-tenant-input';
import { waitForHydration, open, signIn } from './test';
import { ADMIN } from './test-environment';

/** The URLs of the server functions that the form calls. */
export const CHECK_SLUG = '**/api/fn/check_slug*';
export const CHECK_EMAIL = '**/api/fn/check_email*';
export const PROVISION = '**/api/fn/provision*';

/** The provisioning form. */
export class ProvisionForm {
  constructor(readonly page: Page) {}

  private by(id: string) {
    return this.page.getByTestId(id);
  }

  get name() {
    return this.by('prov-name');
  }
  get slug() {
    return this.by('prov-slug');
  }
  get slugStatus() {
    return this.by('prov-slug-status');
  }
  get suggestions() {
    return this.by('prov-slug-suggestion');
  }
  get ownerName() {
    return this.by('prov-owner-name');
  }
  get ownerEmail() {
    return this.by('prov-owner-email');
  }
  get emailStatus() {
    return this.by('prov-owner-email-status');
  }
  get review() {
    return this.by('prov-review');
  }
  get submit() {
    return this.by('prov-submit');
  }
  get saved() {
    return this.by('prov-draft-saved');
  }
  get startOver() {
    return this.by('prov-start-over');
  }
  get key() {
    return this.by('prov-key');
  }
  get progress() {
    return this.by('prov-progress');
  }
  get stages() {
    return this.by('prov-stage');
  }
  get success() {
    return this.by('prov-success');
  }
  get secret() {
    return this.by('prov-secret-key').locator('code');
  }
  get error() {
    return this.by('prov-error');
  }
  get errorCode() {
    return this.by('prov-error-code');
  }
  get retry() {
    return this.by('prov-retry');
  }
  get errorSummary() {
    return this.page.locator('.error-summary');
  }

  async open() {
    await open(this.page, '/provision');
  }

  /** Signs in as the admin of a server and opens the form there. */
  async openAsAdmin(url: string) {
    await open(this.page, `${url}/provision`);
    await signIn(this.page, ADMIN.email, ADMIN.password);
    await this.submit.waitFor();
    await waitForHydration(this.page);
  }

  async fill(newTenantInput: NewTenantInput) {
    await this.name.fill(newTenantInput.name);
    await this.ownerName.fill(newTenantInput.ownerName);
    await this.ownerEmail.fill(newTenantInput.ownerEmail);
  }

  /** Waits until the slug and the e-mail are available. */
  async expectReady() {
    await expect(this.slugStatus).toHaveAttribute('data-state', 'available');
    await expect(this.emailStatus).toHaveAttribute('data-state', 'available');
  }

  /** Opens the form and fills it with available values. */
  async openWith(newTenantInput: NewTenantInput) {
    await this.open();
    await this.fill(newTenantInput);
    await this.expectReady();
    await this.expectSaved();
  }

  async expectSaved() {
    await expect(this.saved).toHaveAttribute('data-saved', 'true');
  }

  async expectValues(newTenantInput: NewTenantInput) {
    await expect(this.name).toHaveValue(newTenantInput.name);
    await expect(this.slug).toHaveValue(newTenantInput.slug);
    await expect(this.ownerName).toHaveValue(newTenantInput.ownerName);
    await expect(this.ownerEmail).toHaveValue(newTenantInput.ownerEmail);
  }
}

/** Delays responses until the test releases them. */
export class Gate {
  private open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
  private markReached!: () => void;
  /** Resolves when a response waits at the gate. */
  readonly reached = new Promise<void>((resolve) => (this.markReached = resolve));

  release = () => this.open();

  /** Forwards the request, but delays the response. */
  holdResponse = async (route: Route) => {
    const response = await route.fetch();
    this.markReached();
    await this.opened;
    // The page may be closed.
    await route.fulfill({ response }).catch(() => undefined);
  };

  /** Delays only the responses to matching requests. */
  holdResponsesTo = (matches: (request: Request) => boolean) => async (route: Route) =>
    matches(route.request()) ? this.holdResponse(route) : route.fallback();
}
