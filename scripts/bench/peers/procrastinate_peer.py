"""Each step is a job, which defers the job of the next step. Prints the number of measured steps and their duration."""

import asyncio
import json
import logging
import math
import os
import sys
import time

from procrastinate import App, PsycopgConnector

logging.getLogger("procrastinate").setLevel(logging.ERROR)
workers, jobs, steps = (int(argument) for argument in sys.argv[1:])
app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"]))
end_times: list[float] = []
finished = asyncio.Event()


@app.task(name="step")
async def run_step(step: int) -> None:
    if step < steps:
        await run_step.defer_async(step=step + 1)
    end_times.append(time.perf_counter())
    if len(end_times) == jobs * steps:
        finished.set()


async def main() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await run_step.batch_defer_async(*({"step": 1} for _ in range(jobs)))
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=workers, install_signal_handlers=False)
        )
        await finished.wait()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    # The first tenth is a warm-up.
    warm_up = math.ceil(jobs * steps / 10)
    print(json.dumps({"done": len(end_times) - warm_up, "seconds": end_times[-1] - end_times[warm_up - 1]}))


asyncio.run(main())
