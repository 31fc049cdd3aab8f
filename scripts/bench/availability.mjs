// Checking slugs, half of them taken, while the number of tenants grows.

import { ms, summary } from './figures.mjs';
import { load } from './http_load.mjs';
import { slugOf } from './fill.mjs';

const CLIENTS = 16;
const MAX_P99 = 10;
const MAX_RATIO = 1.3;

/** Answers the summary; compares it with that of an earlier run, `before`. */
export async function availability(bench, report, { rounds, seconds }, tenants, before) {
  const check = (connection) => {
    const number = 1 + Math.floor(Math.random() * tenants);
    const slug = number % 2 ? slugOf(number) : `free-${number}`;
    return connection.get(`/api/v1/admin/availability/slug?slug=${slug}`);
  };
  await load(bench, CLIENTS, 1, 200, check);
  const runs = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await load(bench, CLIENTS, seconds, 200, check));
  const now = summary(runs);
  const among = `${tenants.toLocaleString('en')} tenants`;
  report.add(`slug checks, ${CLIENTS} clients, ${among}`, `${now.rate.toFixed(0)} a second, p50 ${ms(now.p50)}`);
  report.add(`slug checks, ${CLIENTS} clients, ${among}, p99`, ms(now.p99), { goal: ms(MAX_P99), met: now.p99 <= MAX_P99 });
  if (before) {
    const ratio = now.p99 / before.p99;
    report.add('slug checks, p99 with many tenants / with few', ratio.toFixed(2), { goal: `≤ ${MAX_RATIO}`, met: ratio <= MAX_RATIO });
  }
  return now;
}
