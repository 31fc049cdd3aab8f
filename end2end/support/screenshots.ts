import { Page } from '@playwright/test';
import { join } from 'node:path';

export const SCREENSHOT_DIRECTORY = process.env.SCREENSHOTS ?? 'screenshots';

/** Saves screenshots of the whole page in both themes, at a large and a small width. */
export async function takeScreenshots(page: Page, name: string) {
  // In a page that is scrolled, sticky elements appear in the middle of the screenshot.
  await page.evaluate(() => window.scrollTo(0, 0));
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: width > 600 ? 900 : 640 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({
        path: join(SCREENSHOT_DIRECTORY, `${name}-${colorScheme}-${width}.png`),
        fullPage: true,
      });
    }
  }
}
