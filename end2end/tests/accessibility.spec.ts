import { expectUsableAtAllWidths } from '../support/page-checks';
import { STATES } from '../support/states';
import { test } from '../support/test';

for (const { name, signedOut, show } of STATES) {
  test(`${name}: has no serious axe violations, and no horizontal scrolling at 320 px`, async ({
    page,
    context,
    pageErrors,
  }) => {
    // axe takes long for the description of every operation.
    if (name === 'api') test.slow();
    if (signedOut) await context.clearCookies();
    await show(page, pageErrors);
    await expectUsableAtAllWidths(page, name);
  });
}
