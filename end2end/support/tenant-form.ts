import { Locator, Page } from '@playwright/test';
import { open } from './test';

type Name = 'settings' | 'branding' | 'terms';

/** A form on the page of a tenant. */
export class TenantForm {
  readonly form: Locator;
  readonly save: Locator;
  readonly cancel: Locator;
  readonly errorSummary: Locator;
  readonly failure: Locator;
  readonly conflict: Locator;
  readonly editLink: Locator;

  constructor(
    readonly page: Page,
    readonly name: Name,
  ) {
    this.form = page.getByTestId(`tenant-form-${name}`);
    this.save = page.getByTestId('tenant-form-save');
    this.cancel = page.getByTestId('tenant-form-cancel');
    this.errorSummary = this.form.locator('.error-summary');
    this.failure = page.getByTestId('tenant-form-failure');
    this.conflict = page.getByTestId('tenant-form-conflict');
    this.editLink = page.locator(`#edit-link-${name}`);
  }

  /** The path of the page with the form. */
  path = (code: string) => `/tenants/${code}?edit=${this.name}`;

  /** Opens the page of a tenant, and then the form. */
  async open(code: string) {
    await open(this.page, `/tenants/${code}`);
    await this.editLink.click();
    await this.form.waitFor();
  }

  /** The control of a field, by the name of the field in the API. */
  control = (field: string) => this.form.locator(`[name="${field}"]`);

  async fill(values: Record<string, string>) {
    for (const [field, value] of Object.entries(values)) await this.control(field).fill(value);
  }
}
