//! The warm pool of copies (SPEC section 6).

use std::{sync::Arc, time::Duration};

use connectors::{
    PipelineSettings, TenantJob, TenantStep, refill_pool,
    settings::{CopySettings, PostgresCopies},
    steps::CopyDatabase,
};
use tokio::task::JoinHandle;

use crate::{
    copy::{Server, job},
    plant::Plant,
};

const UUID: &str = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'";

/// A server with a keeper of ready copies.
struct Pool {
    server: Server,
    settings: PostgresCopies,
    keeper: JoinHandle<()>,
    _plant: Plant,
}

impl Pool {
    async fn of(ready: u32) -> Self {
        let server = Server::new().await;
        server.close_template().await;
        let settings = PostgresCopies { pool_size: ready, ..server.settings() };
        let plant = Plant::with(PipelineSettings {
            copy: Some(CopySettings::Postgres(settings.clone())),
            blueprints: vec![server.blueprint()],
            ..PipelineSettings::default()
        })
        .await;
        let keeper = tokio::spawn({
            let engine = plant.engine.clone();
            async move { refill_pool(engine.pipeline()).await }
        });
        Self { server, settings, keeper, _plant: plant }
    }

    fn step(&self) -> CopyDatabase {
        CopyDatabase::new(self.settings.clone(), vec![self.server.blueprint()])
    }

    /// Names of the ready copies of the template, or their object ids.
    async fn ready(&self, what: &str) -> Vec<String> {
        let sql = format!(
            "SELECT string_agg({what}::text, ' ' ORDER BY datname) FROM pg_database
             WHERE shobj_description(oid, 'pg_database') = (
                 SELECT 'tenantry:pool:' || datname || ':' || oid FROM pg_database WHERE datname = '{}')
             HAVING count(*) > 0",
            self.server.template
        );
        let text = self.server.text(None, &sql).await.unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// Waits until so many are ready; 30 s at most.
    async fn wait_for(&self, count: usize) -> Vec<String> {
        for _ in 0..600 {
            let names = self.ready("datname").await;
            if names.len() == count {
                return names;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{count} copies are never ready");
    }

    async fn end(self, jobs: &[&TenantJob]) {
        self.keeper.abort();
        for name in self.ready("datname").await {
            self.server.run(None, &format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await;
        }
        self.server.end(jobs).await;
    }
}

#[tokio::test]
async fn a_ready_copy_is_handed_over_by_a_rename_and_another_is_made() {
    let pool = Pool::of(1).await;
    pool.wait_for(1).await;
    let ready = pool.ready("oid").await;
    let closed = "SELECT bool_and(NOT datallowconn)::text FROM pg_database WHERE starts_with(datname, 'tenantry-pool-')
         AND shobj_description(oid, 'pg_database') IS NOT NULL";
    assert_eq!(pool.server.text(None, closed).await.as_deref(), Some("true"));

    let (one, two) = (job(), job());
    for job in [&one, &two] {
        pool.step().act(job).await.unwrap();
        assert_eq!(pool.step().probe(job).await.unwrap(), Some(job.database()));
    }
    let oid = format!("SELECT oid::text FROM pg_database WHERE datname = '{}'", one.database());
    assert_eq!(pool.server.text(None, &oid).await, Some(ready[0].clone()));
    let first = pool.server.text(Some(&one.database()), UUID).await;
    let second = pool.server.text(Some(&two.database()), UUID).await;
    assert!(first != second && first.is_some() && first.as_deref() != Some("the template's"));
    pool.wait_for(1).await;
    assert_ne!(pool.ready("oid").await, ready);
    pool.end(&[&one, &two]).await;
}

#[tokio::test]
async fn of_many_who_take_at_once_each_gets_a_database_of_its_own() {
    let pool = Pool::of(3).await;
    pool.wait_for(3).await;
    pool.keeper.abort();
    let jobs = [job(), job(), job(), job(), job()];
    let step = Arc::new(pool.step());
    let mut tasks = tokio::task::JoinSet::new();
    for job in jobs.clone() {
        let step = step.clone();
        tasks.spawn(async move { step.act(&job).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    let mut identities = std::collections::BTreeSet::new();
    for job in &jobs {
        assert_eq!(step.probe(job).await.unwrap(), Some(job.database()));
        identities.insert(pool.server.text(Some(&job.database()), UUID).await.unwrap());
    }
    assert_eq!(identities.len(), 5);
    assert!(pool.ready("datname").await.is_empty());
    pool.end(&jobs.each_ref()).await;
}

#[tokio::test]
async fn a_keeper_drops_what_a_dead_one_left_and_copies_of_a_template_that_is_gone() {
    let pool = Pool::of(1).await;
    let old = pool.wait_for(1).await.remove(0);
    let (prefix, _) = old.rsplit_once('-').unwrap();
    let left = format!("{prefix}-left");
    pool.server.run(None, &format!("CREATE DATABASE \"{left}\"")).await;
    pool.server.make_template_anew().await;
    // While it is open it may be half filled.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(pool.ready("datname").await.is_empty());
    pool.server.close_template().await;
    let new = loop {
        let names = pool.wait_for(1).await;
        if names[0] != old {
            break names;
        }
    };
    let there = format!("SELECT count(*)::text FROM pg_database WHERE starts_with(datname, '{prefix}')");
    assert_eq!(pool.server.text(None, &there).await.as_deref(), Some("1"), "{new:?}");
    pool.end(&[]).await;
}

#[tokio::test]
async fn without_a_ready_copy_one_is_made() {
    let pool = Pool::of(1).await;
    pool.keeper.abort();
    let job = job();
    pool.step().act(&job).await.unwrap();
    assert_eq!(pool.step().probe(&job).await.unwrap(), Some(job.database()));
    pool.end(&[&job]).await;
}
