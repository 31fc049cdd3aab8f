import { defineConfig } from '@playwright/test';
import { CHROMIUM, CHROMIUM_ARGS, VIEWPORT } from './support/chromium';

export default defineConfig({
  globalSetup: './support/global-setup',
  outputDir: 'test-results',
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // Long timeouts, for slow machines. A passing test does not take longer, because a wait ends when its
  // condition holds.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_ARGS },
    viewport: VIEWPORT,
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'console', testDir: 'tests' },
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
