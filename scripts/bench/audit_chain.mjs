// Compares provisioning with and without the hash chain of the audit log and the indexes of its list. The runs
// alternate.

import { runAlternately } from './http_load.mjs';
import { Installation } from './installation.mjs';
import { clientsText, runProvisioningLoad, warmUp } from './provisioning.mjs';

const CLIENTS = [1, 16];
const MIN_RATIO = 0.95;
/** No entry seems to be new, so that none is appended. */
const WITHOUT_CHAIN = 'UPDATE audit_chain_progress SET settled_id = 4611686018427387904';
const WITHOUT_INDEXES = 'DROP INDEX audit_log_action_idx, audit_log_actor_idx, audit_log_subject_idx';

export async function compareAuditChain(report, size) {
  const benches = [];
  for (const statements of [[], [WITHOUT_CHAIN, WITHOUT_INDEXES]]) {
    const installation = new Installation({ TENANTRY_MAIL_WORKERS: '0' });
    await installation.start();
    const bench = installation.prepare();
    for (const statement of statements) bench.sql(statement);
    await warmUp(bench);
    benches.push(bench);
  }
  for (const clients of CLIENTS) {
    const loads = benches.map((bench) => (seconds) => runProvisioningLoad(bench, clients, seconds));
    const [chained, without] = await runAlternately(loads, size);
    const ratio = chained.rate / without.rate;
    report.add(
      `provisioning with the audit chain and the indexes of its list / without, ${clientsText(clients)}`,
      `${ratio.toFixed(2)} (${chained.rate.toFixed(0)} and ${without.rate.toFixed(0)} per second)`,
      { goal: `≥ ${MIN_RATIO}`, met: ratio >= MIN_RATIO },
    );
  }
  for (const { installation } of benches) await installation.remove();
}
