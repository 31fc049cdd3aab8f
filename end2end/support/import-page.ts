import { Page, expect } from '@playwright/test';
import { archive } from './archive';
import { uniqueTag } from './new-tenant-input';
import { open } from './test';

/** An archive with a tenant that can be created, one without an owner and one with a wrong currency. */
export function importFiles() {
  const tag = uniqueTag();
  const client = (name: string, currency = 'EUR') =>
    `client:\n  name: ${name} ${tag}\n  currency: ${currency}\nbranding:\n  theme_id: ocean\n`;
  const owners = `tenant_id,email,name,role\nowned-${tag},owner@${tag}.example,Olive Owner,owner\n`;
  const files = {
    [`owned-${tag}/client.yaml`]: client('Golden Spoon'),
    [`owned-${tag}/logo.png`]: 'x',
    [`plain-${tag}/client.yaml`]: client('Silver Fork'),
    [`wrong-${tag}/client.yaml`]: client('Copper Kettle', 'EURO'),
  };
  return { tag, owners, files };
}

/** Uploads the files, and waits for the report of the dry run. */
export async function uploadForDryRun(page: Page, files: Record<string, string>, owners?: string) {
  await open(page, '/import');
  await chooseFiles(page, files, owners);
  await page.getByTestId('import-submit').click();
  await expect(page.getByTestId('import-row').first()).toBeVisible();
  await expect(page.getByTestId('import-progress')).toHaveCount(0);
}

/** Fills the form of an upload. */
export async function chooseFiles(page: Page, files: Record<string, string>, owners?: string) {
  const upload = { name: 'clients.tar.gz', mimeType: 'application/gzip', buffer: archive(files) };
  await page.getByLabel('Archive').setInputFiles(upload);
  if (owners)
    await page
      .getByLabel('Owners')
      .setInputFiles({ name: 'owners.csv', mimeType: 'text/csv', buffer: Buffer.from(owners) });
}
