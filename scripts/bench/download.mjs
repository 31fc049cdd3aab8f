// The size of the files that a browser downloads to show the form, as compressed by the server.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MAX_KB = 250;

export function measureDownload({ port, token }, report) {
  const kilobytes = (path) => {
    const args = [
      '-sS',
      '-H',
      'Accept-Encoding: br',
      '-H',
      `Authorization: Bearer ${token}`,
      '-o',
      '/dev/null',
      '-w',
      '%{http_code} %{size_download}',
    ];
    const [status, size] = execFileSync('curl', [...args, `http://127.0.0.1:${port}${path}`], {
      encoding: 'utf8',
    })
      .split(' ')
      .map(Number);
    if (status !== 200) throw new Error(`${path}: status ${status}`);
    return size / 1000;
  };
  const { js, loader, wasm, css, chunks } = JSON.parse(
    readFileSync(join(process.env.TENANTRY_SITE_ROOT, 'manifest.json'), 'utf8'),
  );
  const page = Object.keys(chunks).find((name) => name.startsWith('__provision_route_view'));
  const total = (...paths) => paths.map(kilobytes).reduce((sum, size) => sum + size, 0);
  const sizes = {
    WASM: total(wasm, ...chunks[page].map((chunk) => `/pkg/${chunk}.wasm`)),
    JS: total(js, `/pkg/${loader}`),
    CSS: total(css),
  };
  const sum = Object.values(sizes).reduce((all, size) => all + size, 0);
  const parts = Object.entries(sizes)
    .map(([name, size]) => `${name} ${size.toFixed(0)}`)
    .join(', ');
  report.add('download of `/provision`, compressed', `${sum.toFixed(0)} kB (${parts})`, {
    goal: `${MAX_KB} kB`,
    met: sum <= MAX_KB,
  });
  report.add('HTML of `/provision`', `${kilobytes('/provision').toFixed(0)} kB`);
}
