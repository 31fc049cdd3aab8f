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
    sql(`SELECT jsonb_build_object('payload', payload, 'response', response)
    FROM provisioning_requests WHERE status = 'completed' ORDER BY created_at DESC LIMIT 1`),
  );
  const { payload, response } = sample;
  const unique = 'p-%1$s';
  const email = `${unique}@bench.example`;
  const request = {
    ...payload,
    slug: unique,
    name: `Bench ${unique}`,
    owner: { ...payload.owner, email, emailCanonical: email },
  };
  const packages = response.packages.map((created, index) => ({ position: index + 1, ...created }));
  const defaults = { segment: response.segment, packages, steps: response.pipeline.steps };
  // pgbench would read a name after a colon as a variable; the space prevents this.
  const text = (value) => `'${JSON.stringify(value).replaceAll('":', '": ').replaceAll("'", "''")}'`;
  const call = `SELECT provision_tenant_atomic(NULL, sha256('${token}'), gen_random_uuid(), sha256((:n::text)::bytea),
    gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), format(${text(request)}, :n::text)::jsonb, ${text(defaults)}::jsonb,
    'pk_live_p-' || :n::text, sha256(('secret' || :n::text)::bytea), sha256(('invitation' || :n::text)::bytea), interval '7 days')`;
  return `\\set n random(1, 9000000000000000000)\n${call.replaceAll(/\s*\n\s*/g, ' ')};\n`;
}
