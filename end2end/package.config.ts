import base from './playwright.config';

/** Tests the Debian package at the path in TENANTRY_DEB. `make test-dist` builds the package. */
export default {
  ...base,
  globalSetup: undefined,
  // A subdirectory, because a run deletes the content of its output directory.
  outputDir: 'test-results/package',
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report/package' }]],
  projects: [{ name: 'package', testDir: '.', testMatch: 'package.spec.ts' }],
};
