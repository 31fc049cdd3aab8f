//! A chaos test: workers are killed and PostgreSQL crashes while many jobs run.

use std::{
    ops::Range,
    path::PathBuf,
    time::{Duration, Instant},
};

use domain::Role;
use engine::{PipelineSettings, access::Employee, integrity, provisioning::provision};
use rand::RngExt;
use test_support::{
    fake_services::{Endpoint, FakeServices, Fault},
    requests::{assert_created, draft, provision_request},
    test_database::ORIGIN,
};
use uuid::Uuid;

use crate::{
    cluster::MatrixCluster,
    database::Database,
    worker_process::{self, WorkerProcess},
};

const JOBS: i64 = 200;
/// The number of jobs that are added only after the required crashes. Without these jobs, a fast machine
/// could finish all jobs before the crashes.
const LATE_JOBS: i64 = 20;
const REQUIRED_CRASHES: usize = 2;
const WORKERS: usize = 3;
/// Long enough that no living worker loses its lease on a busy machine.
const LEASE_SECONDS: u32 = 5;
const KILLS: usize = 20;
/// PostgreSQL crashes after each group of this many kills.
const KILLS_PER_CRASH: usize = 5;
/// Long enough that many workers are killed during a copy.
const COPY_DURATION: Duration = Duration::from_millis(200);
/// A margin for a busy machine: without other load, the jobs end within a minute.
const DEADLINE: Duration = Duration::from_secs(600);

struct ChaosFixture {
    cluster: MatrixCluster,
    db: Database,
    services: FakeServices,
    admin: Employee,
    directory: PathBuf,
    workers: Vec<WorkerProcess>,
    started_workers: usize,
}

impl ChaosFixture {
    /// Provisions all tenants but the late ones. No worker runs yet.
    async fn new() -> Self {
        let cluster = MatrixCluster::start().await;
        let directory = cluster.create_directory(0);
        cluster.create_database("chaos").await;
        let db = Database::new("chaos".into(), cluster.test_options("chaos"));
        let services = FakeServices::start().await;
        services.set_copy_duration(COPY_DURATION);
        let blueprint =
            "[[blueprints]]\nname = \"standard\"\nlabel = \"Standard\"\ntemplate = \"chaos_odoo\"\n";
        std::fs::write(directory.join("tenantry.toml"), blueprint).unwrap();
        let admin = Employee { id: Uuid::now_v7(), name: "Test Admin".into(), role: Role::Admin };
        db.run(&format!(
            "INSERT INTO employees (id, kind, name, role) VALUES ('{}', 'service', 'Test Admin', 'ADMIN')",
            admin.id
        ))
        .await;
        let fixture =
            Self { cluster, db, services, admin, directory, workers: Vec::new(), started_workers: 0 };
        fixture.provision_tenants(0..JOBS - LATE_JOBS).await;
        fixture
    }

    async fn provision_tenants(&self, numbers: Range<i64>) {
        let engine = self.db.engine().await.with_pipeline(PipelineSettings {
            copy: Some(self.services.copy_settings()),
            odoo18: Some(self.services.odoo18_settings()),
            odoo19: Some(self.services.odoo19_settings()),
            bridge: Some(self.services.bridge_settings()),
            ..PipelineSettings::default()
        });
        let engine = engine.unwrap();
        for number in numbers {
            let request = provision_request(draft(&format!("chaos-{number}")));
            assert_created(provision(&engine, &self.admin, request, ORIGIN).await);
        }
        engine.close().await;
    }

    async fn start_worker(&mut self) {
        let database = self.cluster.url(&self.cluster.socket_directory(), "chaos");
        let mut settings =
            worker_process::environment(&self.services, database, &self.directory, LEASE_SECONDS);
        settings.extend(worker_process::copy_service_settings(&self.services));
        settings.push(("TENANTRY_CONFIG", self.directory.join("tenantry.toml").display().to_string()));
        self.started_workers += 1;
        let log = self.directory.join(format!("worker-{}.log", self.started_workers));
        self.workers.push(WorkerProcess::start(&settings, log).await);
    }

    async fn replace_random_worker(&mut self) {
        let index = rand::rng().random_range(0..self.workers.len());
        self.workers.remove(index).kill().await;
        self.start_worker().await;
    }

    async fn all_jobs_have_ended(&self) -> bool {
        self.db
            .number("SELECT count(*) FROM jobs WHERE queue = 'pipeline' AND state IN ('succeeded', 'dead')")
            .await
            == JOBS
    }

    async fn stop(self) {
        for worker in self.workers {
            worker.stop().await;
        }
        self.db.close().await;
        self.cluster.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_jobs_finish_exactly_once_despite_killed_workers_and_database_crashes() {
    let mut fixture = ChaosFixture::new().await;
    // These failures are too few to open a breaker.
    for endpoint in [Endpoint::Copies, Endpoint::Tenants, Endpoint::TenantUsers, Endpoint::Bridge] {
        fixture.services.inject(endpoint.writes(), Fault::LoseResponse, 2);
    }
    for _ in 0..WORKERS {
        fixture.start_worker().await;
    }
    let (deadline, mut kills, mut crashes) = (Instant::now() + DEADLINE, 0, 0);
    while !fixture.all_jobs_have_ended().await {
        assert!(Instant::now() < deadline, "unfinished jobs after {kills} kills and {crashes} crashes");
        let pause = rand::rng().random_range(100..900);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if kills < KILLS {
            fixture.replace_random_worker().await;
            kills += 1;
            if kills % KILLS_PER_CRASH == 0 {
                fixture.cluster.crash(if crashes % 2 == 0 { "-KILL" } else { "-QUIT" }).await;
                crashes += 1;
                if crashes == REQUIRED_CRASHES {
                    fixture.provision_tenants(JOBS - LATE_JOBS..JOBS).await;
                }
            }
        }
    }
    assert_all_tenants_are_complete(&fixture).await;
    fixture.stop().await;
}

async fn assert_all_tenants_are_complete(fixture: &ChaosFixture) {
    let ChaosFixture { db, services, .. } = fixture;
    assert_eq!(
        db.text("SELECT string_agg(DISTINCT state, ' ') FROM job_steps WHERE connector <> 'mail'").await,
        "succeeded"
    );
    assert_eq!(db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, JOBS);
    assert!(db.number("SELECT count(*) FROM step_attempts WHERE outcome = 'lost'").await > 0);
    let expected = usize::try_from(JOBS).unwrap();
    for endpoint in [Endpoint::Copies, Endpoint::Tenants, Endpoint::TenantUsers, Endpoint::Bridge] {
        let counts = (services.effects(endpoint), services.created(endpoint));
        assert_eq!(counts, (expected, expected), "existing and created effects at {endpoint:?}");
    }
    assert_eq!(services.effects(Endpoint::OdooUsers), expected);
    let engine = db.engine().await;
    assert_eq!(integrity::verify(&engine).await.unwrap(), []);
    engine.close().await;
}
