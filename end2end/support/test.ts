import { test as base, expect, BrowserContext, Browser, Page } from '@playwright/test';
import { Employee } from './employee';
import { SESSION, testEnvironment } from './test-environment';

export { expect };

type Credentials = Pick<Employee, 'email' | 'password'>;

/** The error of a page that is left while it downloads code. The code that waits for the download then panics. */
const ABORTED_DOWNLOAD = /WebAssembly compilation aborted: Network error: Response body loading was aborted/;
const PANIC = /^page: RuntimeError: unreachable/;

/** Removes the errors of pages that were left while they downloaded code: each aborted download, and its panic. */
function withoutAbortedDownloads(errors: string[]): string[] {
  const remaining = [...errors];
  for (;;) {
    const aborted = remaining.findIndex((text) => ABORTED_DOWNLOAD.test(text));
    if (aborted < 0) return remaining;
    remaining.splice(aborted, 1);
    const panic = remaining.findIndex((text, index) => index >= aborted && PANIC.test(text));
    if (panic >= 0) remaining.splice(panic, 1);
  }
}

/** Collects the errors of pages. A test fails if one of them is unexpected. */
export class PageErrors {
  private readonly expected: RegExp[] = [];
  private readonly found: string[] = [];

  /** Ignores errors that match one of these patterns. */
  expect(...patterns: RegExp[]) {
    this.expected.push(...patterns);
  }

  /** Collects console errors, exceptions and failed requests of every page of `context`. */
  watch(context: BrowserContext) {
    context.on('console', (message) => {
      if (message.type() === 'error')
        this.found.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.found.push(`page: ${error.error().stack}`));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // The browser aborts the requests of a page that it leaves.
      if (reason !== 'net::ERR_ABORTED')
        this.found.push(`request: ${request.method()} ${request.url()} ${reason}`);
    });
  }

  unexpected(): string[] {
    const found = withoutAbortedDownloads(this.found);
    return found.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }
}

interface Fixtures {
  pageErrors: PageErrors;
  /** A page without a session. */
  signedOutPage: Page;
  /** A second tab with the storage and the session of `page`. */
  secondTab: Page;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => use(testEnvironment().url),
  storageState: async ({}, use) => use(SESSION),
  pageErrors: async ({}, use) => {
    const pageErrors = new PageErrors();
    await use(pageErrors);
    expect(pageErrors.unexpected(), 'unexpected page errors').toEqual([]);
  },
  context: async ({ context, pageErrors }, use) => {
    pageErrors.watch(context);
    await use(context);
  },
  signedOutPage: async ({ browser, pageErrors }, use) => {
    const context = await newContext(browser, pageErrors, { storageState: undefined });
    await use(await context.newPage());
    await context.close();
  },
  secondTab: async ({ context }, use) => use(await context.newPage()),
});

/** The state of a browser without a session. */
export const SIGNED_OUT = { cookies: [], origins: [] };

/** Leaves all pages. Tests call this before their server stops, because open pages keep sending requests. */
export const leavePages = (context: BrowserContext) =>
  Promise.allSettled(context.pages().map((page) => page.goto('about:blank')));

/** A separate browser context: another user or another device. */
export async function newContext(
  browser: Browser,
  pageErrors: PageErrors,
  options: Parameters<Browser['newContext']>[0] = {},
) {
  const context = await browser.newContext({ baseURL: testEnvironment().url, ...options });
  pageErrors.watch(context);
  return context;
}

/** Waits until the page is hydrated. */
export async function waitForHydration(page: Page) {
  await page.locator('body[data-hydrated]').waitFor({ state: 'attached' });
}

/** Opens a page and waits for hydration. */
export async function open(page: Page, address: string) {
  await page.goto(address);
  await waitForHydration(page);
}

/** Reloads the page and waits for hydration. */
export async function reload(page: Page) {
  await page.reload();
  await waitForHydration(page);
}

/** Waits until the browser has rendered everything that it has received. */
export async function waitForRender(page: Page) {
  // The first callback runs before the next frame is rendered, the second after it.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** Gives a browser a session of an employee, without the sign-in form. */
export async function startSession(context: BrowserContext, url: string, { email, password }: Credentials) {
  const response = await context.request.post(`${url}/login`, {
    form: { email, password },
    headers: { origin: url },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(303);
}

/** Submits the sign-in form. */
export async function signIn(page: Page, email: string, password: string) {
  await page.getByTestId('login-email').fill(email);
  await page.getByTestId('login-password').fill(password);
  await page.getByTestId('login-submit').click();
}
