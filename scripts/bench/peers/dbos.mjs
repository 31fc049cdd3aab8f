// A job is a workflow, and each step of a job is a step of the workflow. DBOS records the start and the end of the
// workflow and the result of each step. A queue of DBOS starts workflows only once a second, so `runJobs` calls them
// directly.

import { load, reportMeasurement, runJobs } from './harness.mjs';

const { DBOS } = load('@dbos-inc/dbos-sdk');

await reportMeasurement(async ({ url, ...size }) => {
  const noOp = async () => {};
  const job = DBOS.registerWorkflow(
    async () => {
      for (let step = 1; step <= size.steps; step += 1) await DBOS.runStep(noOp, { name: `step ${step}` });
    },
    { name: 'job' },
  );
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, logLevel: 'error' });
  await DBOS.launch();
  return runJobs(size, () => job());
});
