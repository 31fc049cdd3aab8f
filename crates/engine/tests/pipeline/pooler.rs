//! Workers and rollbacks through a real PgBouncer in transaction mode.

use std::time::Duration;

use database::Servers;
use domain::{StepState, jobs::StepFailure, pipeline::Step, rollback::RollbackConfirmation};
use engine::{Engine, MasterKey, pipeline::rollback, provisioning::provision};
use test_support::{
    fake_external_system::Fault,
    pgbouncer::PgBouncer,
    pipeline_fixture::PipelineFixture,
    requests::{assert_created, draft, provision_request},
    running_worker::RunningWorker,
    test_database::{MASTER_KEY, ORIGIN},
    wait::wait_for_future,
};
use uuid::Uuid;

/// An engine with the steps of the fixture that connects through a pooler.
fn engine_through(pooler: &PgBouncer, fixture: &PipelineFixture) -> Engine {
    let servers: Servers = pooler.url(fixture.db.name()).parse().unwrap();
    let servers = servers.with_direct_servers(fixture.db.url().parse().unwrap());
    let engine = Engine::new(servers, 6, 2, MasterKey::new(MASTER_KEY));
    let engine = engine.with_pipeline(fixture.engine.pipeline().clone()).unwrap();
    let steps = fixture.external.steps(&engine);
    engine.with_steps(steps)
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_and_rollbacks_run_through_a_pooler() {
    let fixture = PipelineFixture::new().await;
    let pooler = PgBouncer::start(&fixture.db.url(), 2, "");
    let engine = engine_through(&pooler, &fixture);
    engine.check_schema().await.unwrap();
    let fault = Fault::Fail(StepFailure::permanent("the fake system responded with 400"));
    fixture.external.inject(Step::UpsertTenant, [fault]);
    let workers = [(); 3].map(|()| {
        RunningWorker::start(engine.queue().clone(), engine.steps().clone(), Duration::from_secs(30))
    });
    let mut requests = Vec::new();
    for slug in ["one", "two", "three", "four"] {
        let provisioned = provision(&engine, &fixture.admin, provision_request(draft(slug)), ORIGIN).await;
        requests.push(assert_created(provisioned).request_id);
    }
    fixture.db.wait_until("SELECT count(*) = 4 FROM jobs WHERE state IN ('succeeded', 'dead')").await;
    let dead = "SELECT request_id::text FROM jobs WHERE state = 'dead'";
    let dead: Uuid = fixture.db.text(dead).await.parse().unwrap();
    let slug = fixture.db.text(&format!("SELECT slug FROM provisioning_requests WHERE id = '{dead}'")).await;
    let confirmation = RollbackConfirmation::parse(&slug, "the customer went away").unwrap();
    rollback(&engine, &fixture.admin, dead, &confirmation).await.unwrap();

    requests.retain(|request| *request != dead);
    assert_eq!(requests.len(), 3);
    for request in requests {
        fixture.wait_for_job(request, StepState::Succeeded).await;
    }
    assert_eq!(fixture.external.effects(), 3 * 6);
    for worker in workers {
        worker.stop().await;
    }
    fixture.db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_other_processes_are_received_behind_a_pooler() {
    let fixture = PipelineFixture::new().await;
    let pooler = PgBouncer::start(&fixture.db.url(), 1, "");
    let (engine, other) = (engine_through(&pooler, &fixture), engine_through(&pooler, &fixture));
    other.check_schema().await.unwrap();
    let mut changes = engine.changes();
    let listening = tokio::spawn(engine.clone().listen_for_changes());
    let is_listening = "SELECT EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%')";
    fixture.db.wait_until(is_listening).await;
    let provisioned = provision(&other, &fixture.admin, provision_request(draft("one")), ORIGIN).await;
    let request = assert_created(provisioned).request_id;
    let worker = RunningWorker::start(other.queue().clone(), other.steps().clone(), Duration::from_secs(30));
    assert_eq!(wait_for_future("a change", changes.recv()).await.unwrap(), request);
    worker.stop().await;
    listening.abort();
}
