import { Page } from '@playwright/test';
import { ADMIN } from './test-environment';

/** Fills and submits the form for the first admin. */
export async function fillSetupForm(page: Page, password: string) {
  await page.getByLabel('Your name').fill(ADMIN.name);
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create super admin' }).click();
}
