import { Locator, Page } from '@playwright/test';

/** The row of an employee on the team page. */
export const employeeRow = (page: Page, email: string): Locator =>
  page.getByTestId('team-employee').filter({ hasText: email });

/** Opens a disclosure by the text of its toggle, unless it is open. */
export async function openDisclosure(page: Page, summary: string) {
  const details = page.locator('details').filter({ has: page.locator('summary', { hasText: summary }) });
  if (!(await details.evaluate((element: HTMLDetailsElement) => element.open)))
    await details.locator('summary').click();
}

/** The dialog that manages an employee. */
export class TeamDialog {
  readonly element: Locator;
  readonly consequences: Locator;

  constructor(
    page: Page,
    email: string,
    private readonly row = employeeRow(page, email),
  ) {
    this.element = row.locator('dialog');
    this.consequences = this.element.getByTestId('team-consequences');
  }

  async open() {
    await this.row.getByTestId('team-manage').click();
    await this.element.waitFor();
  }

  async click(testId: string) {
    await this.element.getByTestId(testId).click();
  }
}
