import { Page } from '@playwright/test';

/** The title of a request's page. */
export const title = (page: Page) => page.getByRole('heading', { level: 1 });

/** A step on a request's page, by the beginning of its name. */
export const step = (page: Page, name: string) => page.locator(`[data-testid=req-step][data-step^=${name}]`);
