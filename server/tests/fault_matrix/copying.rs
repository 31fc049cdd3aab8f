//! The faults of a database copy by PostgreSQL.

use std::time::Duration;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use test_support::fault_proxy::{Fault as ProxyFault, Matcher};

use crate::{
    over_http::{LONG_OUTAGE, SHORT_OUTAGE},
    scenario::Scenario,
    table::{Fault, Target},
    worker_process::WorkerProcess,
};

const TARGET: Target = Target::CopyByPostgres;
/// While a template has this comment, its copies wait before their identity is changed.
const HOLD_COMMENT: &str = "wait";
/// The pause between two connections of the client that connects to every database.
const MONITORING_PAUSE: Duration = Duration::from_millis(10);

/// Runs the job with a fault until it succeeds, and returns the running workers.
pub(crate) async fn run(scenario: &Scenario, fault: Fault) -> Vec<WorkerProcess> {
    create_template(scenario).await;
    match fault {
        Fault::Timeout => lock_template(scenario).await,
        Fault::Refused => disconnect_server(scenario).await,
        Fault::DownFor40Seconds => disconnect_server_for_40_seconds(scenario).await,
        Fault::DownFor5Minutes => disconnect_server_for_5_minutes(scenario).await,
        Fault::ResponseLost => lose_response(scenario).await,
        Fault::KilledBefore => kill_before_copy(scenario).await,
        Fault::KilledDuring => kill_during_copy(scenario).await,
        Fault::KilledAfter => kill_after_effect(scenario, TARGET).await,
        Fault::WorkerPaused => pause_worker(scenario).await,
        Fault::BackendKilled => terminate_copying_backend(scenario).await,
        Fault::Status500 | Fault::Throttled | Fault::Status400 | Fault::ByteByByte => {
            unreachable!("PostgreSQL has no HTTP responses")
        }
    }
}

/// Like [`run`], while a superuser connects to every database, as monitoring does.
pub(crate) async fn run_during_connections(scenario: &Scenario, fault: Fault) -> Vec<WorkerProcess> {
    let monitoring = tokio::spawn(connect_to_every_database(scenario.cluster.superuser_options("postgres")));
    let workers = run(scenario, fault).await;
    assert!(!monitoring.is_finished(), "the loop ran until the end");
    monitoring.abort();
    workers
}

async fn connect_to_every_database(server: PgConnectOptions) {
    let mut connection = PgConnection::connect_with(&server).await.unwrap();
    loop {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT datname FROM pg_database ORDER BY datname DESC LIMIT 20")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        for name in names {
            // A database may be closed to connections, or dropped.
            if let Ok(other) = PgConnection::connect_with(&server.clone().database(&name)).await {
                let _ = other.close().await;
            }
            tokio::time::sleep(MONITORING_PAUSE).await;
        }
    }
}

/// Creates a template that looks like Odoo's and whose copies can be held.
async fn create_template(scenario: &Scenario) {
    let name = scenario.template();
    scenario.cluster.run(&format!("CREATE DATABASE {name}")).await;
    let sql = format!(
        "CREATE TABLE ir_config_parameter (key text PRIMARY KEY, value text);
         INSERT INTO ir_config_parameter VALUES ('database.uuid', 'the template'), ('database.secret', 'the template');
         CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             WHILE (SELECT shobj_description(oid, 'pg_database') = '{HOLD_COMMENT}' FROM pg_database WHERE datname = '{name}') LOOP
                 PERFORM pg_sleep(0.01);
             END LOOP;
             RETURN NEW;
         END $$;
         CREATE TRIGGER wait BEFORE UPDATE ON ir_config_parameter FOR EACH ROW EXECUTE FUNCTION wait();"
    );
    scenario.cluster.run_in(&name, &sql).await;
    let remaining = format!("NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}')");
    scenario.db.wait_until(&remaining).await;
}

async fn hold_copies(scenario: &Scenario, hold: bool) {
    let comment = if hold { HOLD_COMMENT } else { "" };
    scenario.cluster.run(&format!("COMMENT ON DATABASE {} IS '{comment}'", scenario.template())).await;
}

/// A FROM clause that selects the backend that waits in an incomplete copy.
fn backend_in_copy(scenario: &Scenario) -> String {
    format!(
        "FROM pg_stat_activity WHERE datname LIKE '{}--%' AND wait_event = 'PgSleep'",
        scenario.tenant_database()
    )
}

async fn wait_for_backend_in_copy(scenario: &Scenario) {
    scenario.db.wait_until(&format!("EXISTS (SELECT {})", backend_in_copy(scenario))).await;
}

/// A statement whose lock blocks CREATE DATABASE.
fn template_lock_statement(scenario: &Scenario) -> String {
    format!("COMMENT ON DATABASE {} IS 'locked'", scenario.template())
}

async fn wait_for_blocked_copy(scenario: &Scenario) {
    let statement = format!("query LIKE 'CREATE DATABASE \"{}--%'", scenario.tenant_database());
    scenario
        .db
        .wait_until(&format!(
            "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND {statement})"
        ))
        .await;
}

/// Locks the template until a copy has failed with a timeout.
async fn lock_template(scenario: &Scenario) -> Vec<WorkerProcess> {
    let lock = scenario.db.lock(&template_lock_statement(scenario)).await;
    let worker = scenario.start_worker().await;
    // 57014 is a statement timeout.
    scenario.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%57014%')").await;
    lock.release().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Makes the server that copies databases unreachable until a copy has failed.
async fn disconnect_server(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.copy_proxy.refuse_connections().await;
    let worker = scenario.start_worker().await;
    scenario
        .db
        .wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%cannot be reached%')")
        .await;
    scenario.copy_proxy.accept_connections();
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

async fn disconnect_server_for_40_seconds(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.copy_proxy.refuse_connections().await;
    let worker = scenario.start_worker().await;
    tokio::time::sleep(SHORT_OUTAGE).await;
    scenario.copy_proxy.accept_connections();
    scenario.db.wait_for_job_to_succeed().await;
    vec![worker]
}

async fn disconnect_server_for_5_minutes(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.copy_proxy.refuse_connections().await;
    let worker = scenario.start_worker().await;
    scenario.db.skip_waits(LONG_OUTAGE).await;
    scenario.copy_proxy.accept_connections();
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

async fn lose_response(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.copy_proxy.inject(Matcher::TextContains("RENAME TO"), ProxyFault::LoseResponse);
    let worker = scenario.start_worker().await;
    scenario.copy_proxy.wait_until_triggered().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Kills the worker. Its backend still waits for the template when another worker starts.
async fn kill_before_copy(scenario: &Scenario) -> Vec<WorkerProcess> {
    let lock = scenario.db.lock(&template_lock_statement(scenario)).await;
    let killed = scenario.start_worker().await;
    wait_for_blocked_copy(scenario).await;
    killed.kill().await;
    let other = scenario.start_worker().await;
    scenario.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE outcome = 'lost')").await;
    lock.release().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![other]
}

async fn kill_during_copy(scenario: &Scenario) -> Vec<WorkerProcess> {
    hold_copies(scenario, true).await;
    let killed = scenario.start_worker().await;
    wait_for_backend_in_copy(scenario).await;
    killed.kill().await;
    hold_copies(scenario, false).await;
    let other = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![other]
}

/// Kills the worker and its backends while the success of the step is stored.
pub(crate) async fn kill_after_effect(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    scenario.db.close_gate(&format!("succeeded {}", target.position())).await;
    let killed = scenario.start_worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    killed.kill().await;
    scenario.db.terminate_worker_backends().await;
    scenario.db.open_gates().await;
    let other = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![other]
}

/// Pauses the worker at the most dangerous moment: its last statement renames the copy while another worker
/// has an incomplete copy with the same temporary name.
async fn pause_worker(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.copy_proxy.inject(Matcher::TextContains("RENAME TO"), ProxyFault::Hold);
    let paused = scenario.start_worker().await;
    scenario.copy_proxy.wait_until_triggered().await;
    paused.pause().await;
    hold_copies(scenario, true).await;
    let other = scenario.start_worker().await;
    wait_for_backend_in_copy(scenario).await;
    scenario.copy_proxy.release();
    paused.resume().await;
    paused.wait_for_attempt_log(TARGET.step().as_str(), 1).await;
    hold_copies(scenario, false).await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![paused, other]
}

/// Terminates the backend that creates the copy.
async fn terminate_copying_backend(scenario: &Scenario) -> Vec<WorkerProcess> {
    hold_copies(scenario, true).await;
    let worker = scenario.start_worker().await;
    wait_for_backend_in_copy(scenario).await;
    scenario.db.run(&format!("SELECT pg_terminate_backend(pid, 5000) {}", backend_in_copy(scenario))).await;
    hold_copies(scenario, false).await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}
