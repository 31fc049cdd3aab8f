// Inserts complete tenants in bulk.

import { readFileSync } from 'node:fs';

const BATCH = 50_000;
const WORDS = JSON.parse(readFileSync(new URL('words.json', import.meta.url), 'utf8'));

/** Returns the slug of tenant `number`. */
export const slugOf = (number) => `${WORDS[number % WORDS.length]}-${number}`;

/** Adds tenants until `tenants` of them exist, numbered from 1. Existing tenants are kept. */
export function fill({ installation, employee, sql }, tenants) {
  const words = `{${WORDS.join(',')}}`;
  const script = new URL('fill.sql', import.meta.url).pathname;
  const existing = Number(
    sql(
      "SELECT coalesce(max(split_part(slug, '-', 3)::bigint), 0) FROM tenants WHERE slug ~ '^[a-z]+-[a-z]+-[0-9]+$'",
    ),
  );
  console.error(`bench: adding ${Math.max(0, tenants - existing)} tenants`);
  for (let from = existing + 1; from <= tenants; from += BATCH) {
    const to = Math.min(from + BATCH - 1, tenants);
    const variables = { from, to, words, employee };
    const args = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
    installation.postgres('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', ...args, '-f', script], 'postgres');
  }
  sql('VACUUM ANALYZE');
  // Write dirty pages now, not during the next measurement.
  sql('CHECKPOINT', 'postgres');
}
