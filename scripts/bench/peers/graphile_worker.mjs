// Each step is a job, which adds the job of the next step. graphile-worker deletes a job that succeeded and keeps no
// record of a step.

import { load, Meter, reportMeasurement } from './harness.mjs';

const { Logger, makeWorkerUtils, run } = load('graphile-worker');

const logger = new Logger(() => (level, message) => level === 'error' && console.error(message));

await reportMeasurement(async ({ url, workers, jobs, steps }) => {
  const meter = new Meter({ jobs, steps });
  const options = { connectionString: url, logger };
  const utils = await makeWorkerUtils(options);
  await utils.migrate();
  const firstSteps = Array.from({ length: jobs }, () => ({ identifier: 'step', payload: { step: 1 } }));
  await utils.addJobs(firstSteps);
  await run({
    ...options,
    concurrency: workers,
    taskList: {
      step: async ({ step }, { addJob }) => {
        if (step < steps) await addJob('step', { step: step + 1 });
        meter.count();
      },
    },
  });
  return meter.finished;
});
