import { Locator, Page } from '@playwright/test';
import { createTenant } from '../support/api';
import { newTenantInput, uniqueTag } from '../support/new-tenant-input';
import { resetViewport } from '../support/page-checks';
import { ProvisionForm } from '../support/provision-form';
import { expect, test } from '../support/test';

const NARROW = { width: 320, height: 640 };

/** The labels of the shown fields whose status is not clearly closer to its own field than to the next one. */
const misplacedStatuses = (page: Page) =>
  page.evaluate(() => {
    const box = (element: Element) => element.getBoundingClientRect();
    const isShown = (element: Element) => !element.closest('details:not([open])');
    const labels = [...document.querySelectorAll('form .field-label')].filter(isShown);
    const isMisplaced = (field: Element) => {
      const [control, status] = ['.input-group, .input', '.status'].map((selector) =>
        box(field.querySelector(selector) as Element),
      );
      // The control and its help.
      const parts = [...field.children].filter((part) => !part.matches('.status'));
      const end = Math.max(...parts.map((part) => box(part).bottom));
      const below = labels
        .map(box)
        .filter((label) => label.top >= status.bottom && label.left < control.right);
      const next = Math.min(...below.filter((label) => label.right > control.left).map((label) => label.top));
      return next - status.bottom < 2.5 * (status.top - end);
    };
    const misplaced = [...document.querySelectorAll('form .field')].filter(isShown).filter(isMisplaced);
    return misplaced.map((field) => field.querySelector('label')?.textContent);
  });

/** The number of lines of each text in an element. */
const lines = (element: Locator) =>
  element.evaluate((node) =>
    [...node.childNodes]
      .filter((child) => child.textContent)
      .map((child) => {
        const range = document.createRange();
        range.selectNodeContents(child);
        return new Set([...range.getClientRects()].map(({ top }) => top)).size;
      }),
  );

test('the status of a field is clearly closer to its own control than to the next field', async ({
  page,
}) => {
  const form = new ProvisionForm(page);
  await form.open();
  expect(await misplacedStatuses(page)).toEqual([]);
  await form.moreDetails.getByText('More details').click();
  expect(await misplacedStatuses(page)).toEqual([]);
  await page.setViewportSize(NARROW);
  expect(await misplacedStatuses(page)).toEqual([]);
});

test("at 320 px an owner's address breaks before the @, and a tenant code does not break", async ({
  page,
}) => {
  const ownerEmail = `mira.${uniqueTag()}@north-harbour-bakery.example`;
  const taken = { ...newTenantInput(), ownerEmail };
  const { requestId } = await createTenant(taken);
  const form = new ProvisionForm(page);
  await page.setViewportSize(NARROW);
  await form.open();
  await form.ownerEmail.fill(ownerEmail);
  await expect(form.emailStatus).toHaveAttribute('data-state', 'taken');
  expect(await lines(form.emailStatus.getByRole('link'))).toEqual([1]);
  expect(await lines(form.review.locator('code', { hasText: ownerEmail }))).toEqual([1, 1]);
  expect(await lines(form.review.locator('code', { hasText: /^TEN-/ }))).toEqual([1]);

  await page.goto(`/provisioning/${requestId}`);
  expect(await lines(page.locator('.facts code', { hasText: ownerEmail }))).toEqual([1, 1]);
  expect(await lines(page.locator('.page-head code', { hasText: /^TEN-/ }))).toEqual([1]);
});

test('at 320 px the copy button of a key is beside the key', async ({ page }) => {
  const [form, input] = [new ProvisionForm(page), newTenantInput()];
  await form.openWith(input);
  await form.submitSuccessfully();
  await page.setViewportSize(NARROW);
  for (const name of ['Copy secret key', 'Copy public key', 'Copy invitation link']) {
    const button = page.getByRole('button', { name });
    const [key, copy] = await Promise.all([
      button.locator('xpath=../code').boundingBox(),
      button.boundingBox(),
    ]);
    expect(copy!.x, name).toBeGreaterThanOrEqual(key!.x + key!.width);
    expect(copy!.y, name).toBeLessThan(key!.y + key!.height);
  }
  await resetViewport(page);
});
