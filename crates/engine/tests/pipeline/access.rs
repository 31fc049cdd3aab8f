//! The jobs that apply the status of a suspended, resumed, deleted or restored tenant to the external
//! systems.

use std::time::Duration;

use connectors::{PipelineSettings, settings::CopySettings};
use domain::{
    StepState,
    TenantStatus::{self, Active, Deleted, Suspended},
    jobs::StepFailure,
    lifecycle::LifecycleChange,
    pipeline::Step,
};
use engine::{
    access::Actor,
    pipeline::{
        DeadStepAction, MaintenanceTimeouts, apply_dead_step_action, pipeline_health, run_maintenance,
    },
    tenants::{delete_tenant, read_tenant, restore_tenant, resume_tenant, suspend_tenant},
};
use test_support::{
    fake_external_system::Fault,
    fake_services::FakeServices,
    pipeline_fixture::{PipelineFixture, all_connectors},
    wait::wait_for,
};
use uuid::Uuid;

const SLUG: &str = "golden-spoon";
/// The kinds and the states of all lifecycle jobs, oldest first.
const JOBS: &str = "SELECT coalesce(string_agg(kind || ' ' || state, ', ' ORDER BY created_at), '')
                    FROM jobs WHERE is_lifecycle_kind(kind)";
const SHORT_LEASE: Duration = Duration::from_millis(900);

struct AccessFixture {
    pipeline: PipelineFixture,
    by: Actor,
    request_id: Uuid,
}

impl AccessFixture {
    /// An active tenant with all effects.
    async fn new() -> Self {
        let pipeline = PipelineFixture::new().await;
        let request_id = pipeline.provision(SLUG).await.request_id;
        let worker = pipeline.worker();
        pipeline.wait_for_job(request_id, StepState::Succeeded).await;
        worker.stop().await;
        let by = Actor::from(pipeline.admin.clone());
        Self { pipeline, by, request_id }
    }

    async fn suspend(&self) {
        suspend_tenant(&self.pipeline.engine, &self.by, SLUG, "unpaid").await.unwrap();
    }

    async fn resume(&self) {
        resume_tenant(&self.pipeline.engine, &self.by, SLUG).await.unwrap();
    }

    /// Runs a worker until the job of the kind `kind` has this state.
    async fn run_until(&self, kind: LifecycleChange, state: StepState) {
        let worker = self.pipeline.worker();
        self.wait_for(kind, state).await;
        worker.stop().await;
    }

    async fn wait_for(&self, kind: LifecycleChange, state: StepState) {
        let reached = format!("SELECT EXISTS (SELECT FROM jobs WHERE kind = '{kind}' AND state = '{state}')");
        self.pipeline.db.wait_until(&reached).await;
    }

    async fn jobs(&self) -> String {
        self.pipeline.db.text(JOBS).await
    }

    /// Asserts that every system has this status, and that the data are consistent.
    async fn assert_status(&self, status: TenantStatus) {
        assert_eq!(self.pipeline.external.statuses(self.request_id), [status; 3]);
        self.pipeline.db.assert_invariants().await;
    }
}

fn refusal() -> Fault {
    Fault::Fail(StepFailure::permanent("the fake system responded with 400"))
}

#[tokio::test]
async fn the_database_knows_the_kinds_of_lifecycle_jobs() {
    let fixture = PipelineFixture::new().await;
    let is_known = async |kind: &str| {
        fixture.db.number(&format!("SELECT is_lifecycle_kind('{kind}')::int::bigint")).await == 1
    };
    for kind in LifecycleChange::ALL {
        assert!(is_known(kind.as_str()).await, "{kind}");
    }
    for kind in ["provisioning", "purge", "greeting"] {
        assert!(!is_known(kind).await, "{kind}");
    }
}

#[tokio::test]
async fn each_change_of_the_status_reaches_every_external_system() {
    let fixture = AccessFixture::new().await;
    let engine = &fixture.pipeline.engine;
    fixture.suspend().await;
    let names =
        "SELECT string_agg(name, ' ' ORDER BY position) FROM job_steps s JOIN jobs j ON j.id = s.job_id
                 WHERE j.kind = 'suspend'";
    assert_eq!(
        fixture.pipeline.db.text(names).await,
        "SUSPEND_STEP_1_COPY_DB SUSPEND_STEP_4_ODOO19_UPSERT_TENANT SUSPEND_STEP_6_BRIDGE_METADATA_UPSERT"
    );
    fixture.run_until(LifecycleChange::Suspend, StepState::Succeeded).await;
    fixture.assert_status(Suspended).await;
    fixture.resume().await;
    fixture.run_until(LifecycleChange::Resume, StepState::Succeeded).await;
    fixture.assert_status(Active).await;
    delete_tenant(engine, &fixture.by, SLUG, SLUG).await.unwrap();
    fixture.run_until(LifecycleChange::Delete, StepState::Succeeded).await;
    fixture.assert_status(Deleted).await;
    restore_tenant(engine, &fixture.by, SLUG).await.unwrap();
    fixture.run_until(LifecycleChange::Restore, StepState::Succeeded).await;
    fixture.assert_status(Active).await;
    let record = read_tenant(engine, SLUG).await.unwrap();
    let job = record.lifecycle_job.unwrap();
    assert_eq!((job.kind.as_str(), job.state, job.steps.len()), ("restore", StepState::Succeeded, 3));
    assert_eq!(record.pipeline.unwrap().state, StepState::Succeeded);
}

#[tokio::test]
async fn a_tenant_that_is_restored_to_suspended_stays_suspended_outside() {
    let fixture = AccessFixture::new().await;
    let engine = &fixture.pipeline.engine;
    fixture.suspend().await;
    delete_tenant(engine, &fixture.by, SLUG, SLUG).await.unwrap();
    restore_tenant(engine, &fixture.by, SLUG).await.unwrap();
    assert_eq!(fixture.jobs().await, "suspend skipped, delete skipped, restore pending");
    fixture.run_until(LifecycleChange::Restore, StepState::Succeeded).await;
    fixture.assert_status(Suspended).await;
}

#[tokio::test]
async fn a_tenant_without_effects_gets_no_job() {
    let fixture = PipelineFixture::with_settings(PipelineSettings::default()).await;
    fixture.provision(SLUG).await;
    let by = Actor::from(fixture.admin.clone());
    suspend_tenant(&fixture.engine, &by, SLUG, "unpaid").await.unwrap();
    resume_tenant(&fixture.engine, &by, SLUG).await.unwrap();
    delete_tenant(&fixture.engine, &by, SLUG, SLUG).await.unwrap();
    assert_eq!(fixture.db.text(JOBS).await, "");
    assert!(
        fixture.db.text("SELECT string_agg(kind, ',') FROM jobs WHERE queue = 'pipeline'").await
            == "provisioning"
    );
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_copy_service_has_no_step_that_refuses_connections() {
    let services = FakeServices::start().await;
    let CopySettings::Service { url, token } = services.copy_settings() else { unreachable!() };
    let settings = PipelineSettings { copy: Some(CopySettings::Service { url, token }), ..all_connectors() };
    let fixture = PipelineFixture::with_settings(settings).await;
    let request_id = fixture.provision(SLUG).await.request_id;
    let worker = fixture.worker();
    fixture.wait_for_job(request_id, StepState::Succeeded).await;
    worker.stop().await;
    suspend_tenant(&fixture.engine, &Actor::Operator, SLUG, "unpaid").await.unwrap();
    let names = "SELECT string_agg(name, ' ' ORDER BY position) FROM job_steps WHERE name LIKE 'SUSPEND%'";
    assert_eq!(
        fixture.db.text(names).await,
        "SUSPEND_STEP_4_ODOO19_UPSERT_TENANT SUSPEND_STEP_6_BRIDGE_METADATA_UPSERT"
    );
}

#[tokio::test]
async fn of_two_changes_before_any_step_only_the_last_one_acts() {
    let fixture = AccessFixture::new().await;
    fixture.suspend().await;
    fixture.resume().await;
    fixture.suspend().await;
    assert_eq!(fixture.jobs().await, "suspend skipped, resume skipped, suspend pending");
    let worker = fixture.pipeline.worker();
    fixture.wait_for(LifecycleChange::Suspend, StepState::Succeeded).await;
    worker.stop().await;
    assert_eq!(fixture.pipeline.external.status_changes(Step::CopyDatabase), 1);
    fixture.assert_status(Suspended).await;
}

#[tokio::test]
async fn a_resume_supersedes_a_running_suspension_and_waits_for_its_worker() {
    let fixture = AccessFixture::new().await;
    let external = &fixture.pipeline.external;
    external.inject_on_status_change(Step::UpsertTenant, [Fault::HangAfterActing]);
    fixture.suspend().await;
    let worker = fixture.pipeline.worker_with_lease(SHORT_LEASE);
    wait_for("the step to act", || external.status_changes(Step::UpsertTenant) > 0).await;
    fixture.resume().await;
    assert_eq!(fixture.jobs().await, "suspend skipped, resume pending");
    let attempt = "SELECT a.outcome || ': ' || a.message FROM step_attempts a JOIN jobs j ON j.id = a.job_id
                   WHERE j.kind = 'suspend' AND a.position = 2";
    assert_eq!(
        fixture.pipeline.db.text(attempt).await,
        "released: A later change of the tenant superseded the job."
    );
    // Until the lease of the worker has ended, its step may still act.
    let due =
        "SELECT due_at > now() AND due_at < now() + interval '6 seconds' FROM jobs WHERE kind = 'resume'";
    fixture.pipeline.db.wait_until(due).await;
    let claimed = "SELECT (claim_job('w', '30 s') IS NOT NULL)::int::bigint";
    assert_eq!(fixture.pipeline.db.number(claimed).await, 0);
    // A change that follows at once waits for the same worker.
    fixture.suspend().await;
    fixture.resume().await;
    fixture.pipeline.db.wait_until("SELECT bool_and(due_at > now()) FROM jobs WHERE kind = 'resume'").await;
    fixture.wait_for(LifecycleChange::Resume, StepState::Succeeded).await;
    worker.stop().await;
    fixture.assert_status(Active).await;
}

#[tokio::test]
async fn a_resume_supersedes_a_dead_suspension() {
    let fixture = AccessFixture::new().await;
    fixture.pipeline.external.inject_on_status_change(Step::UpsertTenant, [refusal()]);
    fixture.suspend().await;
    fixture.run_until(LifecycleChange::Suspend, StepState::Dead).await;
    let health = pipeline_health(&fixture.pipeline.engine).await.unwrap();
    let [letter] = &health.dead_letters[..] else { panic!("{:?}", health.dead_letters) };
    assert_eq!(letter.kind, "suspend");
    assert_eq!(fixture.pipeline.external.statuses(fixture.request_id), [Suspended]);
    fixture.resume().await;
    fixture.run_until(LifecycleChange::Resume, StepState::Succeeded).await;
    assert_eq!(fixture.jobs().await, "suspend skipped, resume succeeded");
    fixture.assert_status(Active).await;
}

#[tokio::test]
async fn a_resume_supersedes_a_suspension_that_waits_for_an_open_breaker() {
    let fixture = AccessFixture::new().await;
    let db = &fixture.pipeline.db;
    let open = "INSERT INTO breakers (connector, state, failures, next_test_at)
                VALUES ('odoo19', 'open', 5, now() + interval '1 hour')";
    db.run(open).await;
    fixture.suspend().await;
    let worker = fixture.pipeline.worker();
    let waits = |kind: &str| {
        format!("SELECT count(*) = 1 FROM jobs WHERE kind = '{kind}' AND waiting_for = 'odoo19'")
    };
    db.wait_until(&waits("suspend")).await;
    fixture.resume().await;
    db.wait_until(&waits("resume")).await;
    assert_eq!(db.number("SELECT count(*) FROM jobs WHERE waiting_for IS NOT NULL").await, 1);
    db.run("UPDATE breakers SET next_test_at = now()").await;
    fixture.wait_for(LifecycleChange::Resume, StepState::Succeeded).await;
    worker.stop().await;
    fixture.assert_status(Active).await;
}

#[tokio::test]
async fn another_worker_continues_a_suspension_whose_worker_was_killed() {
    let fixture = AccessFixture::new().await;
    let external = &fixture.pipeline.external;
    external.inject_on_status_change(Step::CopyDatabase, [Fault::HangAfterActing]);
    external.inject_on_status_change(Step::UpsertTenant, [Fault::Hang]);
    fixture.suspend().await;
    for step in [Step::CopyDatabase, Step::UpsertTenant] {
        let worker = fixture.pipeline.worker_with_lease(SHORT_LEASE);
        wait_for("the step to act", || external.status_changes(step) > 0).await;
        worker.kill();
    }
    fixture.run_until(LifecycleChange::Suspend, StepState::Succeeded).await;
    let lost = "SELECT count(*) FROM step_attempts a JOIN jobs j ON j.id = a.job_id
                WHERE j.kind = 'suspend' AND a.outcome = 'lost'";
    assert_eq!(fixture.pipeline.db.number(lost).await, 2);
    fixture.assert_status(Suspended).await;
}

#[tokio::test]
async fn an_admin_retries_a_dead_suspension_and_maintenance_does_so_after_a_day() {
    let fixture = AccessFixture::new().await;
    let PipelineFixture { engine, admin, db, external, .. } = &fixture.pipeline;
    external.inject_on_status_change(Step::UpsertBridgeMetadata, [refusal(), refusal()]);
    fixture.suspend().await;
    fixture.run_until(LifecycleChange::Suspend, StepState::Dead).await;
    assert!(apply_dead_step_action(engine, admin, fixture.request_id, DeadStepAction::Skip).await.is_err());
    apply_dead_step_action(engine, admin, fixture.request_id, DeadStepAction::Retry).await.unwrap();
    let audited = "SELECT after->>'step' FROM audit_log WHERE action = 'step.retried'";
    assert_eq!(db.text(audited).await, "SUSPEND_STEP_6_BRIDGE_METADATA_UPSERT");
    let attempts = "SELECT count(*) = 2 FROM step_attempts a JOIN jobs j ON j.id = a.job_id
                    WHERE j.kind = 'suspend' AND j.state = 'dead' AND a.outcome = 'failed'";
    let worker = fixture.pipeline.worker();
    db.wait_until(attempts).await;
    // Not rolled back either, although dead jobs without attention are.
    let timeouts =
        MaintenanceTimeouts { unattended: Some(Duration::from_secs(60)), ..MaintenanceTimeouts::default() };
    db.run("UPDATE jobs SET dead_at = now() - interval '23 hours' WHERE kind = 'suspend'").await;
    run_maintenance(engine, timeouts).await.unwrap();
    assert_eq!(fixture.jobs().await, "suspend dead");
    db.run("UPDATE jobs SET dead_at = now() - interval '25 hours' WHERE kind = 'suspend'").await;
    run_maintenance(engine, timeouts).await.unwrap();
    fixture.wait_for(LifecycleChange::Suspend, StepState::Succeeded).await;
    worker.stop().await;
    fixture.assert_status(Suspended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_end_in_the_last_status_everywhere() {
    let fixture = AccessFixture::new().await;
    let workers = [fixture.pipeline.worker(), fixture.pipeline.worker()];
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (engine, by) = (fixture.pipeline.engine.clone(), fixture.by.clone());
        changes.spawn(async move {
            // A change that the current status does not allow is refused.
            match number % 2 {
                0 => suspend_tenant(&engine, &by, SLUG, "unpaid").await.is_ok(),
                _ => resume_tenant(&engine, &by, SLUG).await.is_ok(),
            }
        });
    }
    let changed = changes.join_all().await.into_iter().filter(|changed| *changed).count();
    assert!(changed > 0);
    let count = format!("SELECT count(*) = {changed} FROM jobs WHERE is_lifecycle_kind(kind)");
    fixture.pipeline.db.wait_until(&count).await;
    let finished =
        "SELECT bool_and(state IN ('succeeded', 'skipped')) FROM jobs WHERE is_lifecycle_kind(kind)";
    fixture.pipeline.db.wait_until(finished).await;
    for worker in workers {
        worker.stop().await;
    }
    let status = fixture.pipeline.db.text("SELECT status FROM tenants").await;
    fixture.assert_status(TenantStatus::from_text(&status).unwrap()).await;
}
