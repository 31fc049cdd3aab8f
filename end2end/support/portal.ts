import { BrowserContext, expect, Page } from '@playwright/test';
import { createTenant } from './api';
import { newTenantInput, NewTenantInput } from './new-tenant-input';
import { startSession } from './test';
import { testEnvironment } from './test-environment';

const PASSWORD = 'paper kites over the quiet bay';

/** The pages of a tenant in the portal. */
export const PORTAL_PAGES = [
  '',
  'settings',
  'branding',
  'members',
  'segments',
  'packages',
  'keys',
  'usage',
  'activity',
] as const;

/** A tenant with its owner, who has accepted the invitation. */
export interface PortalTenant {
  input: NewTenantInput;
  slug: string;
  code: string;
  owner: { email: string; password: string };
}

/** Creates a tenant, and gives the browser the session of its owner. */
export async function openPortalSession(
  context: BrowserContext,
  input: NewTenantInput = newTenantInput(),
): Promise<PortalTenant> {
  const { tenant, owner } = await createTenant(input);
  await context.clearCookies();
  const { url } = testEnvironment();
  const response = await context.request.post(owner.invitationUrl, {
    form: { password: PASSWORD },
    headers: { origin: url },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(303);
  const account = { email: input.ownerEmail, password: PASSWORD };
  await context.clearCookies();
  await startSession(context, url, account);
  return { input, slug: tenant.slug, code: tenant.code, owner: account };
}

/** The path of a page of a tenant. */
export const portalPath = (slug: string, page: string = '') =>
  page === '' ? `/portal/${slug}` : `/portal/${slug}/${page}`;

/** The heading of the page. */
export const heading = (page: Page) => page.getByRole('heading', { level: 1 });
