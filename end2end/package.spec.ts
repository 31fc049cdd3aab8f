import { expect, Response, test } from '@playwright/test';
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, stopProcess, waitForOutput } from './support/processes';
import { SETUP_OUTPUT } from './support/server';
import { fillSetupForm } from './support/setup-page';
import { open, PageErrors } from './support/test';
import { ADMIN } from './support/test-environment';

/** The path of the package. */
function packagePath(): string {
  const deb = process.env.TENANTRY_DEB;
  if (!deb) throw new Error('TENANTRY_DEB must be the path of the package; run: make test-dist');
  return deb;
}

/** The unpacked package, an empty working directory and a fresh data directory. */
class Installation {
  private readonly directory = mkdtempSync(join(tmpdir(), 'tenantry-package-'));
  readonly root = join(this.directory, 'root');
  private readonly data = join(this.directory, 'data');
  private child?: ChildProcess;

  async unpack(deb: string): Promise<void> {
    // If root starts the server, PostgreSQL runs as another user, who needs access to the directory.
    chmodSync(this.directory, 0o755);
    await run('dpkg-deb', ['--extract', deb, this.root], {});
  }

  /** Starts the installed binary with the installed configuration. Returns its address and the setup link. */
  async serve(): Promise<{ url: string; setupLink: string }> {
    const empty = join(this.directory, 'empty');
    mkdirSync(empty);
    const config = join(this.root, 'etc/tenantry/tenantry.toml');
    this.child = spawn(
      join(this.root, 'usr/bin/tenantry'),
      ['serve', '--config', config, '--data-dir', this.data, '--listen', '127.0.0.1:0'],
      { cwd: empty, env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [, url, setupLink] = await waitForOutput(this.child, SETUP_OUTPUT);
    return { url, setupLink };
  }

  async remove(): Promise<void> {
    if (this.child) await stopProcess(this.child);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const packageTest = test.extend<{ installation: Installation }>({
  installation: async ({ page }, use) => {
    const installation = new Installation();
    try {
      await installation.unpack(packagePath());
      await use(installation);
    } finally {
      await page.goto('about:blank');
      await installation.remove();
    }
  },
});

packageTest(
  'the installed binary serves the console from an empty directory',
  async ({ page, installation }) => {
    const responses: Response[] = [];
    const pageErrors = new PageErrors();
    pageErrors.watch(page.context());
    page.on('response', (response) => responses.push(response));

    const { url, setupLink } = await installation.serve();
    await page.goto(setupLink);
    await fillSetupForm(page, ADMIN.password);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    await open(page, `${url}/provision`);
    await expect(page.getByTestId('prov-submit')).toBeVisible();

    expect(pageErrors.unexpected()).toEqual([]);
    expect(
      responses.filter((response) => response.status() >= 400).map((response) => response.url()),
    ).toEqual([]);
    const assets = responses.filter((response) => new URL(response.url()).pathname.startsWith('/pkg/'));
    for (const suffix of ['.js', '.wasm', '.css']) {
      const asset = assets.find((response) => new URL(response.url()).pathname.endsWith(suffix));
      expect(asset, `the pages load a ${suffix} file`).toBeDefined();
      const headers = await asset!.allHeaders();
      // Browsers request Brotli only over https, or from localhost.
      expect(headers['content-encoding']).toMatch(/^(br|gzip)$/);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
  },
);

packageTest(
  'the package contains a service, a configuration file and the licence',
  async ({ installation }) => {
    const read = (path: string) => readFileSync(join(installation.root, path), 'utf8');
    const service = read('usr/lib/systemd/system/tenantry.service');
    expect(service).toContain('User=tenantry');
    expect(service).toContain('ExecStart=/usr/bin/tenantry serve');
    const configuration = read('etc/tenantry/tenantry.toml');
    expect(configuration.split('\n').filter((line) => /^[^#[\s]/.test(line))).toEqual([
      'data_dir = "/var/lib/tenantry"',
    ]);
    expect(read('usr/share/doc/tenantry/copyright')).toContain('Apache License');
    expect(existsSync(join(installation.root, 'usr/share/doc/tenantry/sbom.cdx.json'))).toBe(true);
  },
);

test('the package installs over an existing directory, upgrades, and keeps the data on purge', async () => {
  const mounts = spawnSync('unshare', ['--mount', 'mount', '--types', 'tmpfs', 'tmpfs', '/mnt']);
  test.skip(mounts.status !== 0, 'only root can mount the temporary copy of the system');
  await run(join(__dirname, '../scripts/test-install'), [packagePath()], {});
});
