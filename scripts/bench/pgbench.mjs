// Runs pgbench on provision_tenant_atomic, with arguments like those of the server.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Pgbench {
  constructor(bench) {
    this.installation = bench.installation;
    this.directory = mkdtempSync(join(tmpdir(), 'tenantry-pgbench-'));
    this.script = join(this.directory, 'provision.sql');
    writeFileSync(this.script, buildScript(bench));
  }

  run(clients, seconds) {
    const log = join(this.directory, 'log');
    const args = [
      '-M',
      'prepared',
      '-n',
      '-c',
      clients,
      '-j',
      Math.min(clients, 2),
      '-T',
      seconds,
      '-f',
      this.script,
      '-l',
      `--log-prefix=${log}`,
    ];
    this.installation.postgres('pgbench', args.map(String));
    const files = readdirSync(this.directory).filter((name) => name.startsWith('log.'));
    const latencies = [];
    for (const file of files.map((name) => join(this.directory, name))) {
      // Client, transaction, microseconds, …
      for (const line of readFileSync(file, 'utf8').trim().split('\n'))
        latencies.push(Number(line.split(' ')[2]) / 1000);
      rmSync(file);
    }
    return { latencies, seconds };
  }

  remove() {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Builds the script from the payload and the defaults of the server's most recent request. */
function buildScript({ sql, token }) {
  const sample = JSON.parse(
    sql(`SELECT jsonb_build_object('payload', r.payload, 'response', r.response,
      'settings', jsonb_build_object('companyName', s.company_name, 'locale', s.locale),
      'branding', jsonb_build_object('colorPrimary', b.color_primary, 'colorSecondary', b.color_secondary,
        'colorAccent', b.color_accent),
      'segment', jsonb_build_object('slug', g.slug, 'name', g.name, 'heroTitle', g.hero_title,
        'description', g.description, 'sortOrder', g.sort_order),
      'packages', (SELECT jsonb_agg(jsonb_build_object('slug', slug, 'name', name, 'description', description,
          'basePrice', base_price, 'bookingType', booking_type, 'groupingOrder', grouping_order) ORDER BY grouping_order)
        FROM packages WHERE tenant_id = r.tenant_id))
    FROM provisioning_requests r JOIN tenant_settings s USING (tenant_id) JOIN tenant_branding b USING (tenant_id)
      JOIN segments g USING (tenant_id)
    WHERE r.status = 'completed' ORDER BY r.created_at DESC LIMIT 1`),
  );
  const { payload, response, settings, branding, segment, packages } = sample;
  const unique = 'p-%1$s';
  const email = `${unique}@bench.example`;
  const request = {
    ...payload,
    slug: unique,
    name: `Bench ${unique}`,
    owner: { ...payload.owner, email, emailCanonical: email },
  };
  const defaults = { settings, branding, segment, packages, steps: response.pipeline.steps };
  // pgbench would read a name after a colon as a variable; the space prevents this.
  const text = (value) => `'${JSON.stringify(value).replaceAll('":', '": ').replaceAll("'", "''")}'`;
  const secret = (name) => `encode(sha512(('${name}' || :n::text)::bytea), 'base64')`;
  const mail = `jsonb_build_object('id', gen_random_uuid(), 'origin', 'https://console.bench.example', 'wrappedKey', ${secret('key')}, 'ciphertext', ${secret('link')})`;
  const call = `SELECT provision_tenant_atomic(NULL, sha256('${token}'), gen_random_uuid(), sha256((:n::text)::bytea),
    gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), format(${text(request)}, :n::text)::jsonb, ${text(defaults)}::jsonb,
    'pk_live_p-' || :n::text, sha256(('secret' || :n::text)::bytea), sha256(('invitation' || :n::text)::bytea), interval '7 days', ${mail})`;
  return `\\set n random(1, 9000000000000000000)\n${call.replaceAll(/\s*\n\s*/g, ' ')};\n`;
}
