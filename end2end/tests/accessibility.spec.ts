import { expectAccessible, expectNoSidewaysScrolling } from '../support/page-audit';
import { STATES } from '../support/states';
import { test } from '../support/test';

for (const { name, signedOut, show } of STATES) {
  test(`${name}: axe finds nothing serious in either theme, and 320 px need no sideways scrolling`, async ({
    page,
    context,
    pageErrors,
  }) => {
    if (signedOut) await context.clearCookies();
    await show(page, pageErrors);
    await expectAccessible(page, name);
    await expectNoSidewaysScrolling(page, name);
    await expectAccessible(page, `${name} at 320 px`, ['light']);
  });
}
