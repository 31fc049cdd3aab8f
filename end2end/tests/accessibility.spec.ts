import { expectAccessible, expectNarrow } from '../support/audit';
import { STATES } from '../support/states';
import { test } from '../support/test';

for (const { name, signedOut, show } of STATES) {
  test(`${name}: axe finds nothing serious in either theme, and 320 px need no sideways scrolling`, async ({
    page,
    context,
    faults,
  }) => {
    if (signedOut) await context.clearCookies();
    await show(page, faults);
    await expectAccessible(page, name);
    await expectNarrow(page, name);
    await expectAccessible(page, `${name} at 320 px`, ['light']);
  });
}
