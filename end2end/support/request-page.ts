import { Page } from '@playwright/test';

/** The title of a request's page. */
export const title = (page: Page) => page.getByRole('heading', { level: 1 });

/** A step on a request's page, by its name or what that begins with. */
export const step = (page: Page, name: string) => page.locator(`[data-testid=req-step][data-step^=${name}]`);

/** The window that tests have when they do not say another. */
export const resetViewport = (page: Page) => page.setViewportSize({ width: 1280, height: 900 });
