/** The path of the system's Chromium. The tests do not use Playwright's own browser. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** The default size of the window. */
export const VIEWPORT = { width: 1280, height: 900 };

// Chromium has no sandbox for root.
const sandboxArgs = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** The command line. Disables updates, sync and other network traffic that does not come from the pages. */
export const CHROMIUM_ARGS = [
  ...sandboxArgs,
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
