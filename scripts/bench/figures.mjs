// Numbers, and how they are written.

export const ms = (value) => `${value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} ms`;

/** The smallest value that at least `share` of all are not above. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export const median = (values) => quantile(values, 0.5);

/** Latencies of several runs as one: throughput a second, p50 and p99 in milliseconds. */
export function summary(runs) {
  const latencies = runs.flatMap((run) => run.latencies);
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  return { rate: latencies.length / seconds, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
