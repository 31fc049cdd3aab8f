import { randomUUID } from 'node:crypto';
import { Page } from '@playwright/test';
import { postTenant } from '../support/api';
import { linkInMail } from '../support/mail-folder';
import { newTenantInput } from '../support/new-tenant-input';
import { expectAccessible, expectUsableAtAllWidths, resetViewport } from '../support/page-checks';
import { createToken } from '../support/processes';
import { Server } from '../support/server';
import {
  expect,
  leavePages,
  newContext,
  open,
  SIGNED_OUT,
  startSession,
  test as base,
  waitForHydration,
} from '../support/test';
import { ADMIN } from '../support/test-environment';

const PASSWORD = 'violet kettle harbour nine';

/** A server on which everybody can sign up. The tests share it, because each needs new addresses only. */
const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.startWithAdmin();
      await server.stopAndKeepData();
      await server.restart({ env: { TENANTRY_SIGN_UP: 'on' } });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
});

// One after the other, because the last test restarts the server.
test.describe.configure({ mode: 'default' });
test.use({ storageState: SIGNED_OUT });
test.setTimeout(180_000);
test.afterEach(async ({ context }) => leavePages(context));

/** A person who signs up. Each has another network, so that the limits of a network do not matter. */
const newPerson = () => {
  const id = randomUUID().slice(0, 8);
  return {
    company: `Silver Fork ${id}`,
    slug: `silver-fork-${id}`,
    name: 'Theo Lindqvist',
    email: `theo@${id}.example`,
  };
};
type Person = ReturnType<typeof newPerson>;

async function fill(page: Page, person: Person) {
  await page.getByTestId('signup-company').fill(person.company);
  await page.getByTestId('signup-name').fill(person.name);
  await page.getByTestId('signup-email').fill(person.email);
}

/** Waits for the mail to a person, and returns its link. `count` is the number of mails so far. */
const linkOf = (server: Server, { email }: Person, count = 1) =>
  linkInMail(server.dataDir, email, '/signup', count);

test('a stranger signs up, follows the link in another browser and is signed in', async ({
  page,
  server,
  browser,
  pageErrors,
}) => {
  const person = newPerson();
  await page.goto(`${server.url}/login`);
  await page.getByTestId('login-signup').click();
  await expect(page.getByTestId('signup-page')).toBeVisible();
  await waitForHydration(page);
  await expectUsableAtAllWidths(page, 'sign-up');
  await resetViewport(page);

  await fill(page, person);
  // The slug follows the name of the organisation.
  await expect(page.getByTestId('signup-slug')).toHaveValue(person.slug);
  await expect(page.getByTestId('signup-slug-status')).toHaveAttribute('data-state', 'available');
  await page.getByTestId('signup-submit').click();
  await expect(page.getByTestId('signup-sent')).toContainText(person.email);
  await waitForHydration(page);
  await expectUsableAtAllWidths(page, 'check your mail');
  await resetViewport(page);
  await linkOf(server, person);
  await page.getByTestId('signup-resend').click();
  await expect(page.getByText('The mail is on its way again')).toBeVisible();

  const link = await linkOf(server, person, 2);
  const other = await newContext(browser, pageErrors, { storageState: SIGNED_OUT });
  // A program that checks mails opens the link first.
  await other.request.head(link);
  await other.request.get(link);
  const owner = await other.newPage();
  await open(owner, link);
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText(`Create ${person.company}`);
  await expectUsableAtAllWidths(owner, 'link of a sign-up');
  await resetViewport(owner);
  await owner.getByTestId('signup-password').fill('too short');
  pageErrors.expect(/422/);
  await owner.getByTestId('signup-create').click();
  await expect(owner.locator('.error-summary')).toBeVisible();
  await expectAccessible(owner, 'refused password');
  await owner.getByTestId('signup-password').fill(PASSWORD);
  await owner.getByTestId('signup-create').click();
  await expect(owner.getByTestId('portal-page')).toBeVisible();

  const rows = await server.rows(
    `SELECT t.slug, u.email, s.token_hash IS NOT NULL AS has_session FROM tenantry.tenants t
     JOIN tenantry.users u ON u.id = t.owner_id LEFT JOIN tenantry.sessions s ON s.user_id = u.id
     WHERE t.slug = '${person.slug}'`,
  );
  expect(rows).toEqual([{ slug: person.slug, email: person.email, has_session: true }]);
  await leavePages(other);
  await other.close();

  // The link cannot be used again.
  await open(page, link);
  await expect(page.getByTestId('signup-has-account')).toBeVisible();
  await expectUsableAtAllWidths(page, 'used link');
});

test('a slug that was taken meanwhile is replaced, and the password is kept', async ({
  page,
  server,
  pageErrors,
}) => {
  const person = newPerson();
  await open(page, `${server.url}/signup`);
  await fill(page, person);
  await page.getByTestId('signup-submit').click();
  await expect(page.getByTestId('signup-sent')).toBeVisible();
  await open(page, await linkOf(server, person));
  await page.getByTestId('signup-password').fill(PASSWORD);

  const token = await createToken(server.dataDir, 'rival');
  const rival = { ...newTenantInput(), slug: person.slug };
  const taken = await postTenant(rival, randomUUID(), { url: server.url, token });
  expect(taken.status).toBe(201);
  pageErrors.expect(/409/);
  await page.getByTestId('signup-create').click();
  await expect(page.getByTestId('signup-slug-suggestion')).toHaveCount(3);
  await expect(page.getByTestId('signup-password')).toHaveValue(PASSWORD);
  await expect(page.getByTestId('signup-slug-status')).not.toContainText('TEN-');
  await expectUsableAtAllWidths(page, 'taken slug');
  await resetViewport(page);
  await page.keyboard.press('Alt+Digit1');
  await expect(page.getByTestId('signup-slug')).toHaveValue(/^silver-fork-/);
  await expect(page.getByTestId('signup-slug')).toBeFocused();
  await expect(page.getByTestId('signup-slug-status')).toHaveAttribute('data-state', 'available');
  await page.getByTestId('signup-create').click();
  await expect(page.getByTestId('portal-page')).toBeVisible();
});

test('a closed sign-up and an unknown link are explained', async ({ page, server, pageErrors }) => {
  pageErrors.expect(/404/);
  await page.goto('/signup');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign-up is not open');
  await waitForHydration(page);
  await expectUsableAtAllWidths(page, 'closed sign-up');
  await page.goto(`${server.url}/signup/unknown`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is no longer valid');
  await waitForHydration(page);
  await expectUsableAtAllWidths(page, 'unknown link');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the forms work, and list all invalid fields', async ({ page, server, pageErrors }) => {
    pageErrors.expect(/\/pkg\/\S+\.js csp$/, /422/);
    const person = newPerson();
    await page.goto(`${server.url}/signup`);
    await page.getByTestId('signup-slug').fill('Silver--Fork');
    await page.getByTestId('signup-submit').click();
    await expect(page.locator('.error-summary').getByRole('listitem')).toHaveCount(4);
    await expect(page.getByTestId('signup-slug')).toHaveValue('Silver--Fork');
    await fill(page, person);
    await page.getByTestId('signup-slug').fill(person.slug);
    await page.getByTestId('signup-submit').click();
    await expect(page.getByTestId('signup-sent')).toContainText(person.email);
    await page.goto(await linkOf(server, person));
    await page.getByTestId('signup-password').fill(PASSWORD);
    await page.getByTestId('signup-create').click();
    await expect(page.getByTestId('portal-page')).toBeVisible();
  });
});

test('an admin approves one sign-up and declines another', async ({ page, server, context }) => {
  await server.stopAndKeepData();
  await server.restart({ env: { TENANTRY_SIGN_UP: 'approval' } });
  const people = [newPerson(), newPerson()];
  for (const person of people) {
    await open(page, `${server.url}/signup`);
    await fill(page, person);
    await page.getByTestId('signup-submit').click();
    await open(page, await linkOf(server, person));
    await page.getByTestId('signup-password').fill(PASSWORD);
    await page.getByTestId('signup-create').click();
    await expect(page.getByTestId('portal-page')).toBeVisible();
  }
  await startSession(context, server.url, ADMIN);
  await open(page, `${server.url}/tenants`);
  await expect(page.getByTestId('tenants-approval')).toContainText('2 sign-ups wait for your approval.');
  await expectUsableAtAllWidths(page, 'queue of sign-ups');
  await resetViewport(page);
  await page.getByTestId('tenants-approval').getByRole('link').click();
  await expect(page.getByTestId('tenant-row')).toHaveCount(2);

  await open(page, `${server.url}/tenants/${people[0].slug}`);
  await expect(page.getByTestId('tenant-notice')).toContainText('waits for approval');
  await expectUsableAtAllWidths(page, 'tenant that waits for approval');
  await resetViewport(page);
  await page.getByTestId('tenant-approve').click();
  await expect(page.getByTestId('tenant-notice')).toHaveCount(0);

  await open(page, `${server.url}/tenants/${people[1].slug}`);
  await page.getByTestId('tenant-decline').click();
  await page.locator('#decline-reason').fill('The company does not exist.');
  await expectAccessible(page, 'decline a sign-up');
  await page.getByTestId('tenant-decline-confirm').click();
  await expect(page).toHaveURL(/\/tenants$/);
  await expect(page.getByTestId('tenants-approval')).toHaveCount(0);
  const statuses = await server.rows(
    `SELECT slug, status FROM tenantry.tenants WHERE slug IN ('${people[0].slug}', '${people[1].slug}')`,
  );
  expect(statuses).toEqual([{ slug: people[0].slug, status: 'active' }]);
});
