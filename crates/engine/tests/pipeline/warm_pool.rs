//! The warm pool of database copies: `docs/specification.md`, section 6.

use std::{collections::BTreeSet, sync::Arc};

use connectors::{
    PipelineSettings, TenantJob, TenantStep, refill_pool,
    settings::{CopySettings, PostgresCopies},
    steps::CopyDatabase,
};
use test_support::{captured_log::CapturedLog, pipeline_fixture::PipelineFixture, wait::wait_for_value};
use tokio::task::JoinHandle;

use crate::copy::{CopyFixture, job};

const UUID: &str = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'";

/// A template with its copies, and a task that refills the warm pool of the template.
struct PoolFixture {
    copies: CopyFixture,
    settings: PostgresCopies,
    refill: JoinHandle<()>,
    pipeline: PipelineFixture,
}

impl PoolFixture {
    async fn with_size(pool_size: u32) -> Self {
        let copies = CopyFixture::new().await;
        copies.close_template().await;
        let settings = PostgresCopies { pool_size, ..copies.settings() };
        let pipeline = PipelineFixture::with_settings(PipelineSettings {
            copy: Some(CopySettings::Postgres(settings.clone())),
            blueprints: vec![copies.blueprint()],
            ..PipelineSettings::default()
        })
        .await;
        let refill = spawn_refill(&pipeline);
        Self { copies, settings, refill, pipeline }
    }

    fn step(&self) -> CopyDatabase {
        CopyDatabase::new(self.settings.clone(), vec![self.copies.blueprint()])
    }

    /// The values of a column of `pg_database` for the pooled databases of the template.
    async fn pooled(&self, column: &str) -> Vec<String> {
        let sql = format!(
            "SELECT string_agg({column}::text, ' ' ORDER BY datname) FROM pg_database
             WHERE shobj_description(oid, 'pg_database') = (
                 SELECT 'tenantry:pool:2:' || datname || ':' || oid FROM pg_database WHERE datname = '{}')
             HAVING count(*) > 0",
            self.copies.template
        );
        let text = self.copies.text(None, &sql).await.unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// Waits until the pool holds `count` databases, and returns their names.
    async fn wait_for_pooled_databases(&self, count: usize) -> Vec<String> {
        wait_for_value(&format!("{count} pooled databases"), async || {
            let names = self.pooled("datname").await;
            (names.len() == count).then_some(names)
        })
        .await
    }

    async fn clean_up(self, jobs: &[&TenantJob]) {
        self.refill.abort();
        for name in self.pooled("datname").await {
            self.copies.drop_database(&name).await;
        }
        self.copies.clean_up(jobs).await;
    }
}

fn spawn_refill(pipeline: &PipelineFixture) -> JoinHandle<()> {
    let settings = pipeline.engine.pipeline().clone();
    tokio::spawn(async move { refill_pool(&settings).await })
}

#[tokio::test]
async fn a_pooled_database_is_renamed_for_its_tenant_and_replaced() {
    let pool = PoolFixture::with_size(1).await;
    pool.wait_for_pooled_databases(1).await;
    let first_copy = pool.pooled("oid").await;
    let closed = "SELECT bool_and(NOT datallowconn)::text FROM pg_database WHERE starts_with(datname, 'tenantry-pool-')
         AND shobj_description(oid, 'pg_database') IS NOT NULL";
    assert_eq!(pool.copies.text(None, closed).await.as_deref(), Some("true"));

    let (one, two) = (job(), job());
    for job in [&one, &two] {
        pool.step().act(job).await.unwrap();
        assert_eq!(pool.step().probe(job).await.unwrap(), Some(job.database()));
    }
    let oid = format!("SELECT oid::text FROM pg_database WHERE datname = '{}'", one.database());
    assert_eq!(pool.copies.text(None, &oid).await, Some(first_copy[0].clone()));
    let first = pool.copies.text(Some(&one.database()), UUID).await;
    let second = pool.copies.text(Some(&two.database()), UUID).await;
    assert!(first != second && first.is_some() && first.as_deref() != Some("the template's"));
    pool.wait_for_pooled_databases(1).await;
    assert_ne!(pool.pooled("oid").await, first_copy);
    pool.clean_up(&[&one, &two]).await;
}

#[tokio::test]
async fn concurrent_jobs_never_share_a_pooled_database() {
    let pool = PoolFixture::with_size(3).await;
    pool.wait_for_pooled_databases(3).await;
    pool.refill.abort();
    let jobs = [job(), job(), job(), job(), job()];
    let step = Arc::new(pool.step());
    let mut tasks = tokio::task::JoinSet::new();
    for job in jobs.clone() {
        let step = step.clone();
        tasks.spawn(async move { step.act(&job).await });
    }
    while let Some(finished) = tasks.join_next().await {
        finished.unwrap().unwrap();
    }
    let mut identities = BTreeSet::new();
    for job in &jobs {
        assert_eq!(step.probe(job).await.unwrap(), Some(job.database()));
        identities.insert(pool.copies.text(Some(&job.database()), UUID).await.unwrap());
    }
    assert_eq!(identities.len(), 5);
    assert!(pool.pooled("datname").await.is_empty());
    pool.clean_up(&jobs.each_ref()).await;
}

#[tokio::test]
async fn the_pool_drops_incomplete_copies_and_copies_of_a_replaced_template() {
    let (log, _guard) = CapturedLog::start();
    let mut pool = PoolFixture::with_size(1).await;
    let old = pool.wait_for_pooled_databases(1).await.remove(0);
    let (prefix, _) = old.rsplit_once('-').unwrap();
    let incomplete = format!("{prefix}-incomplete");
    pool.copies.run(None, &format!("CREATE DATABASE \"{incomplete}\"")).await;
    pool.copies.replace_template().await;
    // An open template may be incomplete. The task drops the old copies, and warns that it cannot
    // create new ones.
    let template = pool.copies.template.clone();
    log.wait_for_lines(1, |line| line["level"] == "WARN" && line["fields"]["template"] == template).await;
    assert!(pool.pooled("datname").await.is_empty());
    pool.copies.close_template().await;
    // A new task refills the pool immediately, without the pause after a failure.
    pool.refill.abort();
    pool.refill = spawn_refill(&pool.pipeline);
    let new = pool.wait_for_pooled_databases(1).await;
    assert_ne!(new[0], old);
    let count = format!("SELECT count(*)::text FROM pg_database WHERE starts_with(datname, '{prefix}')");
    assert_eq!(pool.copies.text(None, &count).await.as_deref(), Some("1"), "{new:?}");
    pool.clean_up(&[]).await;
}

#[tokio::test]
async fn an_empty_pool_falls_back_to_a_new_copy() {
    let pool = PoolFixture::with_size(1).await;
    pool.refill.abort();
    let job = job();
    pool.step().act(&job).await.unwrap();
    assert_eq!(pool.step().probe(&job).await.unwrap(), Some(job.database()));
    pool.clean_up(&[&job]).await;
}
