import { Page } from '@playwright/test';
import { open } from './test';

/** Shows what the erasure of the person with this address would change. */
export async function previewErasure(page: Page, email: string) {
  await open(page, '/audit/erase');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByTestId('erasure-preview').click();
}
