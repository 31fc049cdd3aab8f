import base from './playwright.config';

/** Tests the Debian package that TENANTRY_DEB names; `make test-dist` builds it. */
export default {
  ...base,
  globalSetup: undefined,
  projects: [{ name: 'package', testDir: '.', testMatch: 'package.spec.ts' }],
};
