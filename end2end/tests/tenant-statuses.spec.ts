import { Page } from '@playwright/test';
import { createTenant, createTenantWithoutOwner } from '../support/api';
import { newTenantInput, NewTenantInput, uniqueTag } from '../support/new-tenant-input';
import { expectUsableAtAllWidths } from '../support/page-checks';
import { runSql } from '../support/server';
import { expect, open, test } from '../support/test';
import { testEnvironment } from '../support/test-environment';

const ACTIONS = ['suspend', 'resume', 'delete', 'restore', 'owner'];

/** Each status of a tenant, its label, and what an admin can do then. */
const STATUSES = [
  { status: 'provisioning', label: 'Provisioning', actions: [] },
  { status: 'pending_activation', label: 'Pending activation', actions: ['delete', 'owner'] },
  { status: 'setup_incomplete', label: 'Setup incomplete', actions: ['delete', 'owner'] },
  { status: 'active', label: 'Active', actions: ['suspend', 'delete', 'owner'] },
  { status: 'suspended', label: 'Suspended', actions: ['resume', 'delete', 'owner'] },
  { status: 'deleted', label: 'Deleted', actions: ['restore'] },
];

/** Sets a status without the guard, which refuses most of these changes. */
const forceStatus = (code: string, status: string) =>
  runSql(
    testEnvironment().dataDir,
    `ALTER TABLE tenantry.tenants DISABLE TRIGGER tenants_guard_status;
     UPDATE tenantry.tenants SET status = '${status}',
         suspended_at = CASE '${status}' WHEN 'suspended' THEN now() END,
         suspension_reason = CASE '${status}' WHEN 'suspended' THEN 'The invoice is unpaid.' END,
         deleted_at = CASE '${status}' WHEN 'deleted' THEN now() END,
         status_before_deletion = CASE '${status}' WHEN 'deleted' THEN 'active' END
     WHERE code = '${code}';
     ALTER TABLE tenantry.tenants ENABLE TRIGGER tenants_guard_status`,
  );

/** Creates a tenant with a status, and returns its code. */
async function createWithStatus(status: string, input: NewTenantInput): Promise<string> {
  const isWaiting = ['pending_activation', 'setup_incomplete'].includes(status);
  const { tenant } = await (isWaiting ? createTenantWithoutOwner : createTenant)(input);
  await forceStatus(tenant.code, status);
  return tenant.code;
}

/** The end of the tests verifies the invariants. No tenant whose job has ended is being provisioned. */
const restoreInvariants = (status: string, code: string) =>
  status === 'provisioning' ? forceStatus(code, 'active') : undefined;

async function expectActions(page: Page, expected: string[]) {
  for (const action of expected) await expect(page.getByTestId(`tenant-${action}`)).toBeVisible();
  for (const action of ACTIONS.filter((action) => !expected.includes(action)))
    await expect(page.getByTestId(`tenant-${action}`)).toHaveCount(0);
}

for (const { status, label, actions } of STATUSES) {
  test(`the page of a tenant that is ${status} offers the allowed actions, and is accessible at all widths`, async ({
    page,
  }) => {
    const code = await createWithStatus(status, newTenantInput());
    try {
      await open(page, `/tenants/${code}`);
      await expect(page.getByRole('heading', { level: 1 })).toContainText(label);
      await expectActions(page, actions);
      await expectUsableAtAllWidths(page, `tenant that is ${status}`);
    } finally {
      await restoreInvariants(status, code);
    }
  });
}

test('the registry with tenants in every status is accessible at all widths', async ({ page }) => {
  const tag = uniqueTag();
  const codes: [string, string][] = [];
  try {
    for (const { status } of STATUSES)
      codes.push([status, await createWithStatus(status, { ...newTenantInput(), name: `${tag} ${status}` })]);
    await open(page, `/tenants?q=${tag}`);
    for (const { status, label } of STATUSES) {
      const row = page.getByTestId('tenant-row').filter({ hasText: `${tag} ${status}` });
      await expect(row.locator('td[data-label=Status]')).toContainText(label);
    }
    await expect(page.getByTestId('tenant-row')).toHaveCount(STATUSES.length);
    await expectUsableAtAllWidths(page, 'registry with every status');
  } finally {
    for (const [status, code] of codes) await restoreInvariants(status, code);
  }
});

test('the form says which deleted tenant has a slug, and until when', async ({ page }) => {
  const input = newTenantInput();
  const { tenant } = await createTenant(input);
  await forceStatus(tenant.code, 'deleted');
  await open(page, '/provision');
  await page.getByTestId('prov-slug').fill(input.slug);
  const status = page.getByTestId('prov-slug-status');
  await expect(status).toHaveAttribute('data-state', 'taken');
  await expect(status).toContainText(`Taken by the deleted tenant ${input.name} until`);
  await expect(status.getByRole('link', { name: tenant.code })).toBeVisible();
});
