// A job is an invocation, and each step is a `ctx.run`, which stores its result in the journal. Restate keeps the
// journal in its own log, which it syncs to disk, and needs no PostgreSQL. Restate has no workers that poll for jobs, so
// `runJobs` sends an HTTP request for each job.

import { createServer } from 'node:http2';

import { load, reportMeasurement, runJobs } from './harness.mjs';
import { RestateServer } from './restate_server.mjs';

const restate = load('@restatedev/restate-sdk');

await reportMeasurement(async (size) => {
  const noOp = async () => {};
  const service = restate.service({
    name: 'bench',
    handlers: {
      job: async (ctx) => {
        for (let step = 1; step <= size.steps; step += 1) await ctx.run(`step ${step}`, noOp);
      },
    },
  });
  const endpoint = createServer(restate.endpoint().bind(service).http2Handler());
  await new Promise((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  const server = new RestateServer();
  try {
    await server.start();
    await server.post('admin', '/deployments', { uri: `http://127.0.0.1:${endpoint.address().port}` });
    return await runJobs(size, () => server.post('ingress', '/bench/job'));
  } finally {
    await server.remove();
  }
});
