import AxeBuilder from '@axe-core/playwright';
import { expect, Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** That axe finds nothing serious on the page as it stands, in both themes unless told otherwise. */
export async function expectAccessible(
  page: Page,
  what: string,
  themes: ('light' | 'dark')[] = ['light', 'dark'],
) {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settle(page);
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = serious.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
    );
    expect(told, `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** Ends every transition: between two themes no colour has its contrast. */
async function settle(page: Page) {
  await page.evaluate(() => {
    const transitions = () =>
      document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    // The end of one may begin others, in what inherits from it.
    for (let running = transitions(); running.length > 0; running = transitions()) {
      running.forEach((transition) => transition.finish());
    }
  });
}

/** That nothing has to be scrolled sideways in a window of 320 px. */
export async function expectNarrow(page: Page, what: string) {
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement as Element;
    if (scrollWidth <= clientWidth) return [];
    const beyond = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return beyond.map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(0, 8);
  });
  expect(wide, `${what}: elements beyond 320 px`).toEqual([]);
}
