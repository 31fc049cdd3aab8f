// Compares provisioning with and without a job in the external pipeline. The runs alternate.

import { runAlternately } from './http_load.mjs';
import { Installation } from './installation.mjs';
import { clientsText, runProvisioningLoad, warmUp } from './provisioning.mjs';

const CLIENTS = [1, 16];
const MIN_RATIO = 0.9;

/** Settings for six of the seven steps. There are no workers, so that nobody calls the addresses. */
const CONNECTORS = {
  TENANTRY_WORKERS: '0',
  TENANTRY_ODOO18_URL: 'http://127.0.0.1:9',
  TENANTRY_ODOO18_LOGIN: 'admin',
  TENANTRY_ODOO18_PASSWORD: 'password',
  TENANTRY_ODOO19_URL: 'http://127.0.0.1:9',
  TENANTRY_ODOO19_DATABASE: 'registry',
  TENANTRY_ODOO19_LOGIN: 'admin',
  TENANTRY_ODOO19_KEY: 'key',
  TENANTRY_ODOO19_BUSINESS_BASE_URL: 'http://127.0.0.1:9',
  TENANTRY_BRIDGE_URL: 'http://127.0.0.1:9',
  TENANTRY_BRIDGE_TOKEN: 'token',
};

/** `bench` has no connectors; a second installation queues a job of six steps for each tenant. */
export async function compareQueuedJobs(bench, report, size) {
  const installation = new Installation(CONNECTORS);
  await installation.start();
  const queueing = installation.prepare();
  await warmUp(queueing, 202);
  for (const clients of CLIENTS) {
    const [without, queued] = await runAlternately(
      [
        (seconds) => runProvisioningLoad(bench, clients, seconds),
        (seconds) => runProvisioningLoad(queueing, clients, seconds, 202),
      ],
      size,
    );
    const ratio = queued.rate / without.rate;
    report.add(
      `provisioning with a queued job of 6 steps / without a job, ${clientsText(clients)}`,
      `${ratio.toFixed(2)} (${queued.rate.toFixed(0)} and ${without.rate.toFixed(0)} per second)`,
      { goal: `≥ ${MIN_RATIO}`, met: ratio >= MIN_RATIO },
    );
  }
  await installation.remove();
}
