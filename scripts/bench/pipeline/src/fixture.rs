//! A temporary installation of the pipeline: its database, tenants and workers.

use std::sync::Arc;

use ::database::Servers;
use connectors::{
    PipelineSettings,
    settings::{BridgeSettings, CopySettings, Odoo18Settings, Odoo19Settings, PostgresCopies},
};
use domain::{Role, idempotency_key::IdempotencyKey, pipeline::Step, provisioning::Draft};
use engine::{
    Engine, MasterKey,
    access::{Actor, Employee, NewToken, create_token, find_token},
    provisioning::{ProvisionOutcome, ProvisionRequest, provision},
};
use jobs::{Steps, Worker};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::{sync::watch, task::JoinSet};
use url::Url;
use uuid::Uuid;

use crate::{
    BenchResult,
    database::{self, Database, POOL_SIZE},
};

/// The number of tenants that are provisioned concurrently.
const PROVISIONERS: u32 = 4;
/// The master key of every process that uses the database.
const KEY: [u8; 32] = [7; 32];
/// [`KEY`] in hexadecimal.
pub const HEX_KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// A temporary database with the schema, an engine on it, and an admin who may provision tenants.
#[derive(Debug)]
pub struct PipelineFixture {
    pub database: Database,
    /// For queries that bypass the engine.
    pub pool: PgPool,
    engine: Engine,
    admin: Employee,
    /// The listeners that `serve` runs in addition to its workers.
    _listening: JoinSet<()>,
}

impl PipelineFixture {
    pub async fn new(server: &Url, settings: PipelineSettings) -> BenchResult<Self> {
        let database = Database::create(server).await?;
        let servers: Servers = database.url().as_str().parse()?;
        let engine = Engine::new(servers, POOL_SIZE, 1, MasterKey::new(KEY)).with_pipeline(settings)?;
        engine.migrate().await?;
        let new = NewToken { name: "bench", role: Role::Admin, days: 1, scopes: None };
        let token = create_token(&engine, &Actor::Operator, new).await?;
        let admin =
            find_token(&engine, token.token.expose_secret()).await?.ok_or("the new token was not found")?;
        let mut listening = JoinSet::new();
        listening.spawn(engine.clone().listen_for_changes());
        Ok(Self { pool: database.pool()?, database, engine, admin, _listening: listening })
    }

    /// Provisions `count` tenants, whose jobs wait for a worker.
    pub async fn add_tenants(&self, count: u32) -> BenchResult<()> {
        let mut provisioners = JoinSet::new();
        for first in 0..PROVISIONERS {
            let (engine, admin) = (self.engine.clone(), self.admin.clone());
            provisioners.spawn(async move {
                for number in (first..count).step_by(PROVISIONERS as usize) {
                    add_tenant(&engine, &admin, number).await?;
                }
                BenchResult::Ok(())
            });
        }
        while let Some(result) = provisioners.join_next().await {
            result??;
        }
        sqlx::query("ANALYZE").execute(&self.pool).await?;
        Ok(())
    }

    pub async fn add_tenant(&self, number: u32) -> BenchResult<()> {
        add_tenant(&self.engine, &self.admin, number).await
    }

    /// Skips the first steps of each job, so that only the last `steps` steps run.
    pub async fn skip_all_but_last(&self, steps: u32) -> BenchResult<()> {
        let skipped = Step::ALL.len() as i32 - i32::try_from(steps)?;
        if skipped > 0 {
            sqlx::query("UPDATE job_steps SET state = 'skipped' WHERE position <= $1")
                .bind(skipped)
                .execute(&self.pool)
                .await?;
            sqlx::query("VACUUM ANALYZE job_steps").execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Starts `workers` workers that run `steps`.
    pub fn start(&self, steps: Steps, workers: u32) -> RunningWorkers {
        let steps = Arc::new(steps);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            tasks.spawn(Worker::new(self.engine.queue().clone(), Arc::clone(&steps)).run(stopped.clone()));
        }
        RunningWorkers { stop, tasks }
    }

    pub async fn wait_until(&self, query: &str) -> BenchResult<()> {
        database::wait_until(&self.pool, query).await
    }

    pub async fn remove(self) -> BenchResult<()> {
        self.engine.close().await;
        self.pool.close().await;
        self.database.remove().await
    }
}

/// Running workers of this process.
#[derive(Debug)]
pub struct RunningWorkers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl RunningWorkers {
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn add_tenant(engine: &Engine, admin: &Employee, number: u32) -> BenchResult<()> {
    let draft = Draft {
        name: format!("Bench {number}"),
        slug: format!("bench-{number}"),
        owner_name: "Ada Bench".into(),
        owner_email: format!("owner@bench-{number}.example"),
        ..Draft::default()
    };
    let key = IdempotencyKey::from_uuid(Uuid::new_v4())?;
    let request = ProvisionRequest::new(key, draft);
    match provision(engine, admin, request, "http://127.0.0.1").await? {
        ProvisionOutcome::Created(_) => Ok(()),
        ProvisionOutcome::Replayed(_) => Err("a call with a new key returned a replay".into()),
    }
}

/// Settings with every connector, so that a job has all seven steps. No connector is ever called.
pub fn every_connector() -> BenchResult<PipelineSettings> {
    let unused: Url = "http://127.0.0.1:9".parse()?;
    Ok(PipelineSettings {
        copy: Some(CopySettings::Postgres(PostgresCopies::new("postgres://h/d".into()))),
        odoo18: Some(Odoo18Settings {
            url: unused.clone(),
            login: "l".into(),
            password: "p".into(),
            tenant_url: None,
        }),
        odoo19: Some(Odoo19Settings {
            url: unused.clone(),
            database: "d".into(),
            login: "l".into(),
            key: "k".into(),
            business_base_url: unused.clone(),
            plan_map: Vec::new(),
            owner_role: "admin".into(),
        }),
        bridge: Some(bridge_at(unused)),
        ..PipelineSettings::default()
    })
}

pub fn bridge_at(url: Url) -> BridgeSettings {
    BridgeSettings { url, token: "t".into() }
}
