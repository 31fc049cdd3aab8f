// Latency of slug availability checks, half of them for taken slugs, with few and with many tenants.

import { ms, summary } from './statistics.mjs';
import { load } from './http_load.mjs';
import { slugOf } from './fill.mjs';

const CLIENTS = 16;
const MAX_P99_MS = 10;
const MAX_RATIO = 1.3;

/** Returns the summary of the runs. If `before` has an earlier summary, reports the ratio of the p99 values. */
export async function availability(bench, report, { rounds, seconds }, tenants, before) {
  const check = (connection) => {
    const number = 1 + Math.floor(Math.random() * tenants);
    const slug = number % 2 ? slugOf(number) : `free-${number}`;
    return connection.get(`/api/v1/admin/availability/slug?slug=${slug}`);
  };
  await load(bench, CLIENTS, 1, 200, check);
  const runs = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await load(bench, CLIENTS, seconds, 200, check));
  const current = summary(runs);
  const size = `${tenants.toLocaleString('en')} tenants`;
  report.add(
    `slug checks, ${CLIENTS} clients, ${size}`,
    `${current.rate.toFixed(0)} per second, p50 ${ms(current.p50)}`,
  );
  report.add(`slug checks, ${CLIENTS} clients, ${size}, p99`, ms(current.p99), {
    goal: ms(MAX_P99_MS),
    met: current.p99 <= MAX_P99_MS,
  });
  if (before) {
    const ratio = current.p99 / before.p99;
    report.add('slug checks, p99 with many tenants / with few tenants', ratio.toFixed(2), {
      goal: `≤ ${MAX_RATIO}`,
      met: ratio <= MAX_RATIO,
    });
  }
  return current;
}
