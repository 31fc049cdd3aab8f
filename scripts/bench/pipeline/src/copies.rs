//! The time to copy a template: the copy step with and without a pooled database, and `CREATE DATABASE`
//! alone.

use std::time::{Duration, Instant};

use connectors::{
    PipelineSettings, TenantJob, TenantStep, refill_pool,
    settings::{CopySettings, CopyStrategy, PostgresCopies},
    steps::CopyDatabase,
};
use domain::pipeline::Blueprint;
use serde::Serialize;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection};
use url::Url;
use uuid::Uuid;

use crate::{
    BenchResult,
    database::{Database, connect, drop_database, execute},
};

const POLL: Duration = Duration::from_millis(20);

const STRATEGIES: [(CopyStrategy, &str); 2] =
    [(CopyStrategy::FileCopy, "FILE_COPY"), (CopyStrategy::WalLog, "WAL_LOG")];

/// Roughly the size of an Odoo with a few applications: 200 tables, 80 MB, 1,500 files.
const TEMPLATE: &str = "
    CREATE TABLE ir_config_parameter (key text PRIMARY KEY, value text);
    INSERT INTO ir_config_parameter VALUES ('database.uuid', 'u'), ('database.secret', 's');
    DO $$ BEGIN
        FOR n IN 1..200 LOOP
            EXECUTE format('CREATE TABLE record_%s (id serial PRIMARY KEY, name text, note text)', n);
            EXECUTE format('INSERT INTO record_%s (name, note) SELECT md5(random()::text), repeat(md5(random()::text), 8)
                            FROM generate_series(1, 600)', n);
            EXECUTE format('CREATE INDEX ON record_%s (name)', n);
        END LOOP;
    END $$";

#[derive(Debug, Serialize)]
pub struct Copies {
    /// The size of the template.
    megabytes: f64,
    copies: Vec<CopyTime>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CopyTime {
    strategy: &'static str,
    /// `step`, `statement` or, with a pooled database, `pool`.
    method: &'static str,
    milliseconds: f64,
}

/// Measures the step and the plain statement, alternating, with each strategy. Also measures a copy from the
/// pool in each round.
pub async fn measure(server: &Url, rounds: u32) -> BenchResult<Copies> {
    let template = Template::create(server).await?;
    let mut copies = Vec::new();
    for round in 0..rounds {
        for (strategy, name) in STRATEGIES {
            // The order alternates, because the first of two copies also waits until the pages of earlier
            // writes are flushed.
            for by_step in [round % 2 == 0, round % 2 == 1] {
                let (method, seconds) = match by_step {
                    true => ("step", template.copy_by_step(strategy).await?),
                    false => ("statement", template.copy_by_statement(name).await?),
                };
                copies.push(CopyTime { strategy: name, method, milliseconds: seconds * 1000.0 });
            }
        }
        let seconds = template.copy_from_pool().await?;
        copies.push(CopyTime { strategy: "FILE_COPY", method: "pool", milliseconds: seconds * 1000.0 });
    }
    let megabytes = template.megabytes().await?;
    template.database.remove().await?;
    Ok(Copies { megabytes, copies })
}

struct Template {
    server: Url,
    database: Database,
}

impl Template {
    async fn create(server: &Url) -> BenchResult<Self> {
        let database = Database::create(server).await?;
        let template = Self { server: server.clone(), database };
        execute(&template.database.url(), TEMPLATE).await?;
        execute(&template.database.url(), "VACUUM ANALYZE").await?;
        execute(server, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", template.name())).await?;
        Ok(template)
    }

    fn name(&self) -> String {
        self.database.url().path().trim_start_matches('/').to_owned()
    }

    async fn megabytes(&self) -> BenchResult<f64> {
        let mut connection = connect(&self.server).await?;
        let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size($1::name)")
            .bind(self.name())
            .fetch_one(&mut connection)
            .await?;
        Ok(bytes as f64 / 1e6)
    }

    /// Runs the step like a worker: probe, act, probe. Returns the elapsed seconds.
    async fn copy_by_step(&self, strategy: CopyStrategy) -> BenchResult<f64> {
        let settings = PostgresCopies { strategy, ..self.settings() };
        let step = CopyDatabase::new(settings, vec![self.blueprint()]);
        let job = job()?;
        let began = Instant::now();
        let before = step.probe(&job).await?;
        step.act(&job).await?;
        let after = step.probe(&job).await?;
        let seconds = began.elapsed().as_secs_f64();
        step.compensate(&job).await?;
        match (before, after) {
            (None, Some(_)) => Ok(seconds),
            other => Err(format!("unexpected probe results: {other:?}").into()),
        }
    }

    /// Fills the pool, then runs the step. Returns the elapsed seconds of the step.
    async fn copy_from_pool(&self) -> BenchResult<f64> {
        let settings = PipelineSettings {
            copy: Some(CopySettings::Postgres(PostgresCopies { pool_size: 1, ..self.settings() })),
            blueprints: vec![self.blueprint()],
            ..PipelineSettings::default()
        };
        let refill = tokio::spawn(async move { refill_pool(&settings).await });
        let mut connection = connect(&self.server).await?;
        let ready = "SELECT EXISTS (SELECT FROM pg_database WHERE starts_with(datname, 'tenantry-pool-')
                     AND shobj_description(oid, 'pg_database') IS NOT NULL)";
        while !sqlx::query_scalar::<_, bool>(ready).fetch_one(&mut connection).await? {
            tokio::time::sleep(POLL).await;
        }
        refill.abort();
        self.copy_by_step(CopyStrategy::FileCopy).await
    }

    fn settings(&self) -> PostgresCopies {
        PostgresCopies::new(self.server.as_str().into())
    }

    fn blueprint(&self) -> Blueprint {
        Blueprint { template: Some(self.name()), ..Blueprint::standard() }
    }

    /// Runs only the statement, on an open connection. Returns the elapsed seconds.
    async fn copy_by_statement(&self, strategy: &str) -> BenchResult<f64> {
        let mut connection = connect(&self.server).await?;
        let name = format!("bench_copy_{}", Uuid::now_v7().simple());
        let create = format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY {strategy}", self.name());
        let began = Instant::now();
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await?;
        let seconds = began.elapsed().as_secs_f64();
        connection.close().await?;
        drop_database(&self.server, &name).await?;
        Ok(seconds)
    }
}

/// A job of a new tenant.
fn job() -> BenchResult<TenantJob> {
    let number = Uuid::new_v4().as_u128() % 1_000_000_000_000;
    Ok(serde_json::from_value(json!({
        "id": Uuid::now_v7(), "requestId": Uuid::now_v7(), "blueprint": "standard",
        "tenant": { "id": Uuid::now_v7(), "code": format!("TEN-{number:012}"), "slug": "bench", "name": "Bench", "plan": "pro" },
        "owner": { "name": "Ada Bench", "email": "ada@bench.example", "emailCanonical": "ada@bench.example" },
        "references": {},
    }))?)
}
