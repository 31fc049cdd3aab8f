// Quantiles, and the format of durations.

export const ms = (value) => `${value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} ms`;

/** The smallest value that is at least as large as `share` (0 to 1) of all values. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export const median = (values) => quantile(values, 0.5);

/** Combines several runs: throughput per second, p50 and p99 in milliseconds. */
export function summary(runs) {
  const latencies = runs.flatMap((run) => run.latencies);
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  return { rate: latencies.length / seconds, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
