//! A scenario: a database, fake services, a tenant whose steps have not run yet, and workers.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use connectors::{
    PipelineSettings,
    settings::{CopySettings, PostgresCopies},
};
use domain::{Role, outcome::Provisioned, pipeline::Blueprint};
use engine::{access::Employee, provisioning::provision};
use sqlx::postgres::PgConnectOptions;
use test_support::{
    fake_services::{Endpoint, FakeServices},
    fault_proxy::FaultProxy,
    requests::{assert_created, draft, provision_request},
    test_database::ORIGIN,
};
use tokio::{process::Command, task::JoinHandle};
use uuid::Uuid;

use crate::{
    cluster::MatrixCluster,
    database::Database,
    table::{Fault, Target},
    worker_process::{self, WorkerProcess},
};

/// The lease of the workers in seconds. A live worker renews its lease in time, also on a busy machine.
const LEASE_SECONDS: u32 = 6;

/// How long stopped backends do not respond: longer than the client-side time limit of a statement, 15 s.
const STOP_DURATION: Duration = Duration::from_secs(20);
/// How long the copy takes during which the worker's backends are stopped: longer than a lease.
const SLOW_COPY: Duration = Duration::from_secs(8);

#[derive(Debug)]
pub(crate) struct Scenario {
    pub cluster: Arc<MatrixCluster>,
    pub db: Database,
    pub services: FakeServices,
    /// Between the workers and Tenantry's database.
    pub database_proxy: FaultProxy,
    /// Between the workers and the server that copies databases.
    pub copy_proxy: FaultProxy,
    pub admin: Employee,
    pub provisioned: Provisioned,
    target: Target,
    fault: Fault,
    directory: PathBuf,
    workers: AtomicUsize,
    /// Ends when the stopped backends respond again.
    backends_respond: Mutex<Option<JoinHandle<()>>>,
}

impl Scenario {
    /// Provisions one tenant. None of its seven steps has run yet.
    pub(crate) async fn new(
        cluster: Arc<MatrixCluster>,
        number: usize,
        target: Target,
        fault: Fault,
    ) -> Self {
        let (name, directory) = (format!("scenario_{number}"), cluster.create_directory(number));
        cluster.create_database(&name).await;
        let db = Database::new(name.clone(), cluster.test_options(&name));
        // The names of copies must be unique in the cluster.
        db.run(&format!("SELECT setval('tenant_number_seq', {})", 1000 + number)).await;
        let services = FakeServices::start().await;
        if target == Target::BridgeWithStoppedBackends {
            services.set_copy_duration(SLOW_COPY);
        }
        let database_proxy = start_database_proxy(cluster.options(&name), target, fault);
        let copy_proxy = FaultProxy::new(cluster.options("postgres"));
        let admin = Employee { id: Uuid::now_v7(), name: "Test Admin".into(), role: Role::Admin };
        db.run(&format!(
            "INSERT INTO employees (id, kind, name, role) VALUES ('{}', 'service', 'Test Admin', 'ADMIN')",
            admin.id
        ))
        .await;
        let engine = db.engine().await.with_pipeline(settings(&services, &template_of(&name))).unwrap();
        let request = provision_request(draft(&format!("scenario-{number}")));
        let provisioned = assert_created(provision(&engine, &admin, request, ORIGIN).await);
        engine.close().await;
        let file = format!(
            "[[blueprints]]\nname = \"standard\"\nlabel = \"Standard\"\ntemplate = {:?}\n",
            template_of(&name)
        );
        std::fs::write(directory.join("tenantry.toml"), file).unwrap();
        Self {
            cluster,
            db,
            services,
            database_proxy,
            copy_proxy,
            admin,
            provisioned,
            target,
            fault,
            directory,
            workers: AtomicUsize::new(0),
            backends_respond: Mutex::default(),
        }
    }

    /// Starts a worker.
    pub(crate) async fn start_worker(&self) -> WorkerProcess {
        let number = self.workers.fetch_add(1, Ordering::SeqCst);
        let log = self.directory.join(format!("worker-{number}.log"));
        let worker = WorkerProcess::start(&self.environment(), log).await;
        if self.target == Target::BridgeWithStoppedBackends && number == 0 {
            self.stop_worker_backends().await;
        }
        worker
    }

    /// Stops the database backends of the worker with SIGSTOP while the worker waits for its copy, for longer
    /// than its lease and the time limit of its statements. The worker replaces its connections.
    async fn stop_worker_backends(&self) {
        self.services.wait_for_calls(Endpoint::Copies.writes(), 1).await;
        let pids = self.db.worker_backends().await;
        assert!(!pids.is_empty());
        send_signal("-STOP", &pids).await;
        let respond = tokio::spawn(async move {
            tokio::time::sleep(STOP_DURATION).await;
            send_signal("-CONT", &pids).await;
        });
        *self.backends_respond.lock().unwrap() = Some(respond);
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let database = self.cluster.url(self.database_proxy.socket_directory(), &self.db.name);
        let mut settings =
            worker_process::environment(&self.services, database, &self.directory, LEASE_SECONDS);
        settings.push(("TENANTRY_CONFIG", self.directory.join("tenantry.toml").display().to_string()));
        if self.target.is_copy_by_postgres() {
            // Shorter than the default, so that a locked template fails soon. Long enough to copy a database
            // on a busy machine.
            let timeout =
                if self.fault == Fault::Timeout { "&options=-c%20statement_timeout%3D10s" } else { "" };
            let url = self.cluster.url(self.copy_proxy.socket_directory(), "postgres");
            settings.push(("TENANTRY_COPY_URL", format!("{url}{timeout}")));
        } else {
            settings.extend(worker_process::copy_service_settings(&self.services));
        }
        settings
    }

    /// The template database of this scenario.
    pub(crate) fn template(&self) -> String {
        template_of(&self.db.name)
    }

    /// The tenant's database.
    pub(crate) fn tenant_database(&self) -> String {
        self.provisioned.tenant.code.to_lowercase()
    }

    pub(crate) async fn clean_up(self) {
        let respond = self.backends_respond.lock().unwrap().take();
        if let Some(respond) = respond {
            respond.await.unwrap();
        }
        self.db.close().await;
        for name in [&self.db.name, &self.template(), &self.tenant_database()] {
            self.cluster.drop_database(name).await;
        }
    }
}

/// Starts the proxy between the workers and Tenantry's database.
fn start_database_proxy(upstream: PgConnectOptions, target: Target, fault: Fault) -> FaultProxy {
    // Some faults occur while the last step waits for a lock. The wait must not time out before the fault.
    match target == Target::Finalize && fault != Fault::Timeout {
        true => FaultProxy::with_replaced_setting(upstream, "lock_timeout=3s", "lock_timeout=9s"),
        false => FaultProxy::new(upstream),
    }
}

fn template_of(database: &str) -> String {
    format!("{database}_odoo")
}

/// The settings from which provisioning decides which steps a tenant needs.
fn settings(services: &FakeServices, template: &str) -> PipelineSettings {
    PipelineSettings {
        copy: Some(CopySettings::Postgres(PostgresCopies::new("postgres://server/postgres".into()))),
        odoo18: Some(services.odoo18_settings()),
        odoo19: Some(services.odoo19_settings()),
        bridge: Some(services.bridge_settings()),
        blueprints: vec![Blueprint { template: Some(template.to_owned()), ..Blueprint::standard() }],
        ..PipelineSettings::default()
    }
}

async fn send_signal(signal: &str, pids: &[String]) {
    assert!(Command::new("kill").arg(signal).args(pids).status().await.unwrap().success());
}
