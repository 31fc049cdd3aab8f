//! Many jobs at once, while workers are killed and PostgreSQL crashes.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::Role;
use engine::{PipelineSettings, access::Principal, integrity, provisioning::provision};
use rand::RngExt;
use uuid::Uuid;

use crate::{
    database::Database,
    ground::Ground,
    orders::{created, draft, order},
    pipeline::counterpart::{Counterpart, Fault, Place},
    process::{self, WorkerProcess},
};

const JOBS: i64 = 200;
const WORKERS: usize = 3;
/// In seconds; long enough that nobody who lives loses a step, also on a busy machine.
const LEASE: u32 = 5;
const KILLS: usize = 20;
/// After so many kills each PostgreSQL crashes too.
const KILLS_PER_CRASH: usize = 5;
const LONGEST: Duration = Duration::from_secs(240);

struct Storm {
    ground: Arc<Ground>,
    db: Database,
    outside: Counterpart,
    folder: PathBuf,
    workers: Vec<WorkerProcess>,
    started: usize,
}

impl Storm {
    /// With all tenants made and no worker yet.
    async fn new() -> Self {
        let ground = Arc::new(Ground::new().await);
        let folder = ground.folder_of(0);
        ground.create_migrated("storm").await;
        let db = Database::new("storm".into(), ground.options("storm"));
        let outside = Counterpart::start().await;
        let blueprint =
            "[[blueprints]]\nname = \"standard\"\nlabel = \"Standard\"\ntemplate = \"storm_odoo\"\n";
        std::fs::write(folder.join("tenantry.toml"), blueprint).unwrap();
        let storm = Self { ground, db, outside, folder, workers: Vec::new(), started: 0 };
        storm.make_tenants().await;
        storm
    }

    async fn make_tenants(&self) {
        let admin = Principal { employee_id: Uuid::now_v7(), name: "Test Admin".into(), role: Role::Admin };
        self.db
            .run(&format!(
                "INSERT INTO employees (id, kind, name, role) VALUES ('{}', 'service', 'Test Admin', 'ADMIN')",
                admin.employee_id
            ))
            .await;
        let engine = self.db.engine().await.with_pipeline(PipelineSettings {
            copy: Some(self.outside.copy_settings()),
            odoo18: Some(self.outside.odoo18_settings()),
            odoo19: Some(self.outside.odoo19_settings()),
            bridge: Some(self.outside.bridge_settings()),
            ..PipelineSettings::default()
        });
        let engine = engine.unwrap();
        for number in 0..JOBS {
            let order = order(draft(&format!("storm-{number}")));
            created(provision(&engine, &admin, order, "https://console.example.com").await);
        }
        engine.close().await;
    }

    async fn start_worker(&mut self) {
        let database = self.ground.url(self.ground.socket().parent().unwrap(), "storm");
        let mut settings = process::environment(&self.outside, database, &self.folder, LEASE);
        settings.extend(process::copy_service(&self.outside));
        settings.push(("TENANTRY_CONFIG", self.folder.join("tenantry.toml").display().to_string()));
        self.started += 1;
        let log = self.folder.join(format!("worker-{}.log", self.started));
        self.workers.push(WorkerProcess::start(&settings, log).await);
    }

    async fn kill_one_and_start_another(&mut self) {
        let unlucky = rand::rng().random_range(0..self.workers.len());
        self.workers.remove(unlucky).kill().await;
        self.start_worker().await;
    }

    async fn is_over(&self) -> bool {
        self.db.number("SELECT count(*) FROM jobs WHERE state IN ('succeeded', 'dead')").await == JOBS
    }

    async fn end(self) {
        for worker in self.workers {
            worker.end().await;
        }
        self.db.close().await;
        Arc::into_inner(self.ground).expect("nobody else has it").end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_jobs_under_kills_and_crashes_none_is_lost_doubled_or_left_to_a_person() {
    let mut storm = Storm::new().await;
    // Too few in a row to open a breaker.
    for place in [Place::Copies, Place::Tenants, Place::TenantUsers, Place::Bridge] {
        storm.outside.order(place.make(), Fault::LoseAnswer, 2);
    }
    for _ in 0..WORKERS {
        storm.start_worker().await;
    }
    let (end, mut kills, mut crashes) = (Instant::now() + LONGEST, 0, 0);
    while !storm.is_over().await {
        assert!(Instant::now() < end, "not over after {kills} kills and {crashes} crashes");
        let pause = rand::rng().random_range(100..900);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if kills < KILLS {
            storm.kill_one_and_start_another().await;
            kills += 1;
            if kills % KILLS_PER_CRASH == 0 {
                storm.ground.crash(if crashes % 2 == 0 { "-KILL" } else { "-QUIT" }).await;
                crashes += 1;
            }
        }
    }
    assert!(crashes >= 2, "it was over after {kills} kills and {crashes} crashes");
    all_is_well(&storm).await;
    storm.end().await;
}

/// Everything done, once.
async fn all_is_well(storm: &Storm) {
    assert_eq!(storm.db.text("SELECT string_agg(DISTINCT state, ' ') FROM job_steps").await, "succeeded");
    assert_eq!(storm.db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, JOBS);
    assert!(storm.db.number("SELECT count(*) FROM step_attempts WHERE outcome = 'lost'").await > 0);
    let expected = usize::try_from(JOBS).unwrap();
    for place in [Place::Copies, Place::Tenants, Place::TenantUsers, Place::Bridge] {
        let (there, made) = (storm.outside.effects(place), storm.outside.made(place));
        assert_eq!((there, made), (expected, expected), "effects there, and ever made, at {place:?}");
    }
    assert_eq!(storm.outside.effects(Place::OdooUsers), expected);
    let engine = storm.db.engine().await;
    assert_eq!(integrity::verify(&engine).await.unwrap(), []);
    engine.close().await;
}
