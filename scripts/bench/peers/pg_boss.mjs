// Each step is a job. One transaction completes the job and adds the job of the next step. A worker of `work()` fetches
// at most twice a second, so a worker here is a loop of `fetch()` and `complete()`, as the documentation of pg-boss
// proposes for custom workers.

import { load, Meter, reportMeasurement } from './harness.mjs';

const { PgBoss } = load('pg-boss');
const { Pool } = load('pg');

const QUEUE = 'step';

await reportMeasurement(async ({ url, workers, jobs, steps }) => {
  const meter = new Meter({ jobs, steps });
  const boss = new PgBoss(url);
  boss.on('error', console.error);
  await boss.start();
  await boss.createQueue(QUEUE);
  const firstSteps = Array.from({ length: jobs }, () => ({ data: { step: 1 } }));
  await boss.insert(QUEUE, firstSteps);

  const pool = new Pool({ connectionString: url });
  const worker = async () => {
    while (meter.remaining > 0) {
      const [job] = await boss.fetch(QUEUE);
      if (!job) continue;
      const { step } = job.data;
      await runInTransaction(pool, async (db) => {
        if (step < steps) await boss.send(QUEUE, { step: step + 1 }, { db });
        await boss.complete(QUEUE, job.id, null, { db });
      });
      meter.count();
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return meter.finished;
});

async function runInTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work({ executeSql: (text, values) => client.query(text, values) });
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
