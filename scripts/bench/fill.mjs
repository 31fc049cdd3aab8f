// Many tenants in little time: rows of the tables that the measured queries read.

import { readFileSync } from 'node:fs';

const BATCH = 50_000;
const WORDS = JSON.parse(readFileSync(new URL('words.json', import.meta.url), 'utf8'));

/** The slug of the tenant with this number. */
export const slugOf = (number) => `${WORDS[number % WORDS.length]}-${number}`;

/** Adds tenants number 1 to `tenants`, beginning after those that are there. */
export function fill({ installation, employee, sql }, tenants) {
  const words = `{${WORDS.join(',')}}`;
  const script = new URL('fill.sql', import.meta.url).pathname;
  const done = Number(sql("SELECT coalesce(max(split_part(slug, '-', 3)::bigint), 0) FROM tenants WHERE slug ~ '^[a-z]+-[a-z]+-[0-9]+$'"));
  console.error(`bench: adding ${tenants - done} tenants`);
  for (let from = done + 1; from <= tenants; from += BATCH) {
    const to = Math.min(from + BATCH - 1, tenants);
    const variables = { from, to, words, employee };
    const args = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
    installation.postgres('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', ...args, '-f', script]);
  }
  sql('VACUUM ANALYZE');
  // Its writing must not fall into the measurement that follows.
  sql('CHECKPOINT', 'postgres');
}
