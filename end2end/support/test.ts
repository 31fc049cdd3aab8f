import { test as base, expect, BrowserContext, Browser, Page } from '@playwright/test';
import { SESSION, world } from './world';

export { expect };

/** What a page must not do, unless the test says that it will. */
export class Faults {
  private readonly expected: RegExp[] = [];
  private readonly found: string[] = [];

  /** This test provokes faults with these texts. */
  expect(...patterns: RegExp[]) {
    this.expected.push(...patterns);
  }

  /** Notes console errors, page errors and failed requests of every page of `context`. */
  watch(context: BrowserContext) {
    context.on('console', (message) => {
      if (message.type() === 'error')
        this.found.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.found.push(`page: ${error.error().stack}`));
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // A page that is left gives up what it was loading.
      if (why !== 'net::ERR_ABORTED') this.found.push(`request: ${request.method()} ${request.url()} ${why}`);
    });
  }

  unexpected(): string[] {
    return this.found.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }
}

interface Fixtures {
  faults: Faults;
  /** A page of somebody who is not signed in. */
  stranger: Page;
  /** A second tab beside `page`, with its storage and session. */
  secondTab: Page;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => use(world().url),
  storageState: async ({}, use) => use(SESSION),
  faults: async ({}, use) => {
    const faults = new Faults();
    await use(faults);
    expect(faults.unexpected(), 'faults that no test expects').toEqual([]);
  },
  context: async ({ context, faults }, use) => {
    faults.watch(context);
    await use(context);
  },
  stranger: async ({ browser, faults }, use) => {
    const context = await newContext(browser, faults, { storageState: undefined });
    await use(await context.newPage());
    await context.close();
  },
  secondTab: async ({ context }, use) => use(await context.newPage()),
});

/** A browser of its own: another person, or the same one elsewhere. */
export async function newContext(
  browser: Browser,
  faults: Faults,
  options: Parameters<Browser['newContext']>[0] = {},
) {
  const context = await browser.newContext({ baseURL: world().url, ...options });
  faults.watch(context);
  return context;
}

/** Waits until the browser has taken the page over. */
export async function hydrated(page: Page) {
  await page.locator('body[data-hydrated]').waitFor({ state: 'attached' });
}

/** Opens a page and waits until it answers. */
export async function open(page: Page, address: string) {
  await page.goto(address);
  await hydrated(page);
}

/** Loads the page anew and waits until it answers. */
export async function reload(page: Page) {
  await page.reload();
  await hydrated(page);
}

/** Signs in on the page for it. */
export async function signIn(page: Page, email: string, password: string) {
  await page.getByTestId('login-email').fill(email);
  await page.getByTestId('login-password').fill(password);
  await page.getByTestId('login-submit').click();
}
