import { defineConfig } from '@playwright/test';
import { CHROMIUM, CHROMIUM_ARGS, VIEWPORT } from './support/chromium';

const OWN_SERVERS = ['new-installation.spec.ts', 'pipeline.spec.ts', 'real-odoo.spec.ts', 'signup.spec.ts'];

export default defineConfig({
  globalSetup: './support/global-setup',
  outputDir: 'test-results',
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  fullyParallel: true,
  // More workers than processors, because tests also wait. All workers share an employee, who can have only 8 event
  // streams.
  workers: 3,
  forbidOnly: Boolean(process.env.CI),
  // Long timeouts, for slow machines. A passing test does not take longer, because a wait ends when its
  // condition holds.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_ARGS },
    viewport: VIEWPORT,
    // Without screenshots, which take a fifth of the processor time. The trace has the content of the page instead.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
  projects: [
    // The tests with their own servers start first, so that none of them runs alone at the end.
    { name: 'servers', testDir: 'tests', testMatch: OWN_SERVERS },
    { name: 'console', testDir: 'tests', testIgnore: OWN_SERVERS },
    // Saves screenshots: SCREENSHOTS=directory npx playwright test --project screenshots
    ...(process.env.SCREENSHOTS
      ? [
          {
            name: 'screenshots',
            testMatch: ['screenshots.spec.ts', 'readme-screenshots.spec.ts'],
            testDir: '.',
          },
        ]
      : []),
  ],
});
