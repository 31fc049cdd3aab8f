/** The browser of the system; Playwright's own is not downloaded. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Nothing but the pages under test: no updates, no sync, no QUIC. */
export const CHROMIUM_ARGS = [
  ...asRoot,
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
