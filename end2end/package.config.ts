import base from './playwright.config';

/** Tests the Debian package at the path in TENANTRY_DEB. `make test-dist` builds the package. */
export default {
  ...base,
  globalSetup: undefined,
  projects: [{ name: 'package', testDir: '.', testMatch: 'package.spec.ts' }],
};
