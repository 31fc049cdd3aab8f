//! The faults of a copy that PostgreSQL makes.

use crate::{
    cell::Cell,
    line::Plan,
    process::WorkerProcess,
    table::{Row, Trouble},
};

const ROW: Row = Row::CopyByPostgres;
/// The comment on a template that makes its copies wait while they get their identity.
const WAIT: &str = "wait";

/// Has the trouble come about, and answers who works when the job is done.
pub async fn run(cell: &Cell, trouble: Trouble) -> Vec<WorkerProcess> {
    make_template(cell).await;
    match trouble {
        Trouble::Timeout => template_locked(cell).await,
        Trouble::Refused => unreachable(cell).await,
        Trouble::LostAnswer => answer_lost(cell).await,
        Trouble::KilledBefore => killed_before(cell).await,
        Trouble::KilledDuring => killed_during(cell).await,
        Trouble::KilledAfter => killed_after(cell, ROW).await,
        Trouble::Stopped => stopped(cell).await,
        Trouble::BackendKilled => backend_killed(cell).await,
        Trouble::Status500 | Trouble::Throttled | Trouble::Status400 => {
            unreachable!("PostgreSQL has no statuses")
        }
    }
}

/// One that looks like Odoo's, and whose copies can be made to wait.
async fn make_template(cell: &Cell) {
    let name = cell.template();
    cell.ground.run(&format!("CREATE DATABASE {name}")).await;
    let sql = format!(
        "CREATE TABLE ir_config_parameter (key text PRIMARY KEY, value text);
         INSERT INTO ir_config_parameter VALUES ('database.uuid', 'the template'), ('database.secret', 'the template');
         CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             WHILE (SELECT shobj_description(oid, 'pg_database') = '{WAIT}' FROM pg_database WHERE datname = '{name}') LOOP
                 PERFORM pg_sleep(0.01);
             END LOOP;
             RETURN NEW;
         END $$;
         CREATE TRIGGER wait BEFORE UPDATE ON ir_config_parameter FOR EACH ROW EXECUTE FUNCTION wait();"
    );
    cell.ground.run_in(&name, &sql).await;
    let left = format!("NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}')");
    cell.db.wait_until(&left).await;
}

async fn hold_copies(cell: &Cell, hold: bool) {
    let comment = if hold { WAIT } else { "" };
    cell.ground.run(&format!("COMMENT ON DATABASE {} IS '{comment}'", cell.template())).await;
}

/// Whose backend sleeps in the unfinished copy.
fn in_the_copy(cell: &Cell) -> String {
    format!("FROM pg_stat_activity WHERE datname LIKE '{}--%' AND wait_event = 'PgSleep'", cell.database())
}

async fn somebody_is_in_the_copy(cell: &Cell) {
    cell.db.wait_until(&format!("EXISTS (SELECT {})", in_the_copy(cell))).await;
}

/// A lock that CREATE DATABASE waits for.
fn lock_on_template(cell: &Cell) -> String {
    format!("COMMENT ON DATABASE {} IS 'locked'", cell.template())
}

async fn somebody_waits_for_the_template(cell: &Cell) {
    let begun = format!("query LIKE 'CREATE DATABASE \"{}--%'", cell.database());
    cell.db
        .wait_until(&format!(
            "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND {begun})"
        ))
        .await;
}

async fn template_locked(cell: &Cell) -> Vec<WorkerProcess> {
    let lock = cell.db.lock(&lock_on_template(cell)).await;
    let worker = cell.worker().await;
    // 57014: it took longer than the server allows.
    cell.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%57014%')").await;
    lock.release().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

async fn unreachable(cell: &Cell) -> Vec<WorkerProcess> {
    cell.copier.go_down();
    let worker = cell.worker().await;
    cell.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%cannot be reached%')").await;
    cell.copier.come_up();
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

async fn answer_lost(cell: &Cell) -> Vec<WorkerProcess> {
    cell.copier.plan("RENAME TO", Plan::LoseAnswer);
    let worker = cell.worker().await;
    cell.copier.struck().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// Its backend still waits for the template when the next worker comes.
async fn killed_before(cell: &Cell) -> Vec<WorkerProcess> {
    let lock = cell.db.lock(&lock_on_template(cell)).await;
    let lost = cell.worker().await;
    somebody_waits_for_the_template(cell).await;
    lost.kill().await;
    let other = cell.worker().await;
    cell.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE outcome = 'lost')").await;
    lock.release().await;
    cell.db.wait_for_job("succeeded").await;
    vec![other]
}

async fn killed_during(cell: &Cell) -> Vec<WorkerProcess> {
    hold_copies(cell, true).await;
    let lost = cell.worker().await;
    somebody_is_in_the_copy(cell).await;
    lost.kill().await;
    hold_copies(cell, false).await;
    let other = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    vec![other]
}

/// The machine is lost, backends and all, while the step's success is written.
pub async fn killed_after(cell: &Cell, row: Row) -> Vec<WorkerProcess> {
    cell.db.close_gate(&format!("succeeded {}", row.position())).await;
    let lost = cell.worker().await;
    cell.db.somebody_waits_at_a_gate().await;
    lost.kill().await;
    cell.db.end_backends().await;
    cell.db.open_gates().await;
    let other = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    vec![other]
}

/// The worst moment: its last statement, which gives a copy its name, comes when another worker has
/// a copy of the same unfinished name that is not yet whole.
async fn stopped(cell: &Cell) -> Vec<WorkerProcess> {
    cell.copier.plan("RENAME TO", Plan::Hold);
    let sleeper = cell.worker().await;
    cell.copier.struck().await;
    sleeper.freeze().await;
    hold_copies(cell, true).await;
    let other = cell.worker().await;
    somebody_is_in_the_copy(cell).await;
    cell.copier.release();
    sleeper.thaw().await;
    sleeper.has_ended(ROW.step().as_str(), 1).await;
    hold_copies(cell, false).await;
    cell.db.wait_for_job("succeeded").await;
    vec![sleeper, other]
}

/// That which copies.
async fn backend_killed(cell: &Cell) -> Vec<WorkerProcess> {
    hold_copies(cell, true).await;
    let worker = cell.worker().await;
    somebody_is_in_the_copy(cell).await;
    cell.db.run(&format!("SELECT pg_terminate_backend(pid, 5000) {}", in_the_copy(cell))).await;
    hold_copies(cell, false).await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}
