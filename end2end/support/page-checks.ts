import { expect, Page } from '@playwright/test';
import axe from 'axe-core';
import { VIEWPORT } from './chromium';

const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Asserts that axe finds no serious violation on the page, in both themes. */
export async function expectAccessible(page: Page, description: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await finishTransitions(page);
    const violations = await runAxe(page);
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const details = serious.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
    );
    expect(details, `${description}, ${colorScheme}`).toEqual([]);
  }
}

/** Runs axe in the page, which has no frames. */
async function runAxe(page: Page): Promise<axe.Result[]> {
  const isLoaded = await page.evaluate(() => 'axe' in window);
  if (!isLoaded) await page.evaluate(axe.source);
  return page.evaluate(async (tags) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run({ runOnly: tags, resultTypes: ['violations'] });
    return violations;
  }, AXE_TAGS);
}

/** Finishes all transitions, because colours have too little contrast while the theme changes. */
async function finishTransitions(page: Page) {
  await page.evaluate(() => {
    const transitions = () =>
      document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    // The end of a transition can start transitions in elements that inherit the property.
    for (let running = transitions(); running.length > 0; running = transitions()) {
      running.forEach((transition) => transition.finish());
    }
  });
}

/**
 * Asserts that a page is accessible in both themes. Then reduces the window to 320 px and asserts that the
 * page is still accessible in both themes and needs no horizontal scrolling.
 */
export async function expectUsableAtAllWidths(page: Page, description: string) {
  await resetViewport(page);
  await expectAccessible(page, description);
  await expectNoHorizontalScrolling(page, description);
  await expectAccessible(page, `${description} at 320 px`);
}

/** Restores the default size of the window. */
export const resetViewport = (page: Page) => page.setViewportSize(VIEWPORT);

/** Reduces the window to 320 px, and asserts that the page needs no horizontal scrolling. */
export async function expectNoHorizontalScrolling(page: Page, description: string) {
  await page.setViewportSize({ width: 320, height: 640 });
  const overflowing = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement as Element;
    if (scrollWidth <= clientWidth) return [];
    const elements = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return elements.map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(0, 8);
  });
  expect(overflowing, `${description}: elements beyond 320 px`).toEqual([]);
}
