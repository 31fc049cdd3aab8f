// Latency of the pages of a list in an installation with many rows.

import { Connection } from './http_load.mjs';
import { ms, quantile } from './statistics.mjs';

const MAX_MS = 50;

/**
 * Requests each page `times` times. A list has a `subject` for the report, the `path` of the API, the `field` of the
 * rows in a response, and `pages`: the description of each, its query parameters, and the minimum number of rows that
 * it must return.
 */
export async function measureList({ port, token }, report, { subject, path, field, pages }, times) {
  const connection = new Connection(port, token);
  for (const [description, query, atLeast] of pages) {
    const url = `${path}?${new URLSearchParams(query)}`;
    const load = async () => {
      const { status, body } = await connection.get(url);
      return status === 200 ? JSON.parse(body)[field].length : -1;
    };
    await measurePage(report, `${subject}: ${description}`, load, atLeast, times);
  }
  connection.close();
}

/** Loads a page `times` times. `load` returns the number of its rows, which must be at least `atLeast`. */
export async function measurePage(report, description, load, atLeast, times) {
  const latencies = [];
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    const found = await load();
    latencies.push(performance.now() - began);
    if (found < atLeast) throw new Error(`${description}: ${found} rows`);
  }
  const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
  const goal = { goal: ms(MAX_MS), met: p99 <= MAX_MS };
  report.add(description, `p50 ${ms(p50)}, p99 ${ms(p99)}`, goal);
}
