//! The earlier system (`docs/specification.md`, section 4): its tables, its function and its programs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use sqlx::{AssertSqlSafe, PgPool, postgres::PgConnectOptions, postgres::PgPoolOptions};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The tables and the function, as the earlier system creates them.
const SCHEMA: &str = include_str!("earlier_system.sql");
/// Its tables.
const TABLES: [&str; 5] =
    ["public.tenants", "public.auto_provisioning", "public.profiles", "public.employees", "auth.users"];

/// The earlier system in a database.
pub struct EarlierSystem {
    pool: PgPool,
}

/// Programs of the earlier system that write until they are stopped.
pub struct EarlierWriters {
    stop: Arc<AtomicBool>,
    created: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

impl EarlierSystem {
    /// Creates the earlier system in a database, without tenants.
    pub async fn install(database: PgConnectOptions) -> Self {
        let earlier = Self::connect(database);
        earlier.run(SCHEMA).await;
        earlier
    }

    /// Connects to a database that contains the earlier system, or will contain it.
    pub fn connect(database: PgConnectOptions) -> Self {
        // The programs of the earlier system do not know the schema `tenantry`.
        let options = database.options([("search_path", "public")]);
        Self { pool: PgPoolOptions::new().max_connections(8).connect_lazy_with(options) }
    }

    /// The connections of the programs.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs statements, which must succeed.
    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    /// Creates an account, and returns its ID.
    pub async fn create_account(&self, email: &str, name: &str) -> Uuid {
        let id: Uuid = sqlx::query_scalar("INSERT INTO auth.users (email) VALUES ($1) RETURNING id")
            .bind(email)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        sqlx::query("INSERT INTO profiles (id, full_name) VALUES ($1, $2)")
            .bind(id)
            .bind(name)
            .execute(&self.pool)
            .await
            .unwrap();
        id
    }

    /// Creates a tenant for an account with the function of the earlier system, and returns its ID.
    pub async fn provision(&self, user_id: Uuid, name: &str, slug: &str) -> Uuid {
        sqlx::query_scalar("SELECT provision_tenant($1, $2, $3, 'pro', 'de')")
            .bind(user_id)
            .bind(name)
            .bind(slug)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Creates a tenant with an owner, and returns its ID. The owner's address is derived from the slug.
    pub async fn create_tenant(&self, slug: &str) -> Uuid {
        let owner = self.create_account(&format!("owner@{slug}.example"), &format!("Owner of {slug}")).await;
        self.provision(owner, &format!("Restaurant {slug}"), slug).await
    }

    /// The number of rows and a checksum over the content of each table.
    pub async fn checksums(&self) -> BTreeMap<&'static str, String> {
        let mut checksums = BTreeMap::new();
        for table in TABLES {
            let sql = format!(
                "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
            );
            let checksum = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap();
            checksums.insert(table, checksum);
        }
        checksums
    }

    /// Everything in the catalog about the schemas of the earlier system: tables, columns, indexes, constraints,
    /// triggers, policies, functions and privileges. One line per object.
    pub async fn catalog(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT line FROM (
                 SELECT format('class %s %s %s %s', c.oid::regclass, c.relkind, c.relowner, c.relacl) AS line, relnamespace AS n
                 FROM pg_class c
                 UNION ALL SELECT format('column %s %s %s %s', a.attrelid::regclass, a.attname, a.atttypid, a.attacl), c.relnamespace
                 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)), connamespace FROM pg_constraint
                 UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)), c.relnamespace
                 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                 UNION ALL SELECT format('policy %s %s', p.polname, p.polrelid::regclass), c.relnamespace
                 FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
                 UNION ALL SELECT format('function %s %s %s', oid::regprocedure, md5(prosrc), proacl), pronamespace FROM pg_proc
                 UNION ALL SELECT format('schema %s %s %s', nspname, nspowner, nspacl), oid FROM pg_namespace
             ) objects
             WHERE n IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'auth')) ORDER BY line",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }

    /// Starts programs that create tenants, change other rows, and create and delete accounts, as fast as they can.
    pub fn start_writers(&self, count: usize) -> EarlierWriters {
        let (stop, created) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let writer = |number| {
            let (earlier, stop, created) = (Self { pool: self.pool.clone() }, stop.clone(), created.clone());
            tokio::spawn(async move {
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    earlier.create_tenant(&format!("busy-{number}-{round}")).await;
                    created.fetch_add(1, Ordering::Relaxed);
                    // Each program changes only its own rows: two that lock the same rows in another order deadlock.
                    earlier
                        .run(&format!(
                            "UPDATE tenants SET updated_at = clock_timestamp() WHERE slug LIKE 'busy-{number}-%'"
                        ))
                        .await;
                    let id =
                        earlier.create_account(&format!("guest-{number}-{round}@example.org"), "Guest").await;
                    earlier
                        .run(&format!(
                            "DELETE FROM profiles WHERE id = '{id}'; DELETE FROM auth.users WHERE id = '{id}'"
                        ))
                        .await;
                }
            })
        };
        let tasks = (0..count).map(writer).collect();
        EarlierWriters { stop, created, tasks }
    }
}

impl EarlierWriters {
    /// The number of tenants that the programs have created.
    pub fn created(&self) -> usize {
        self.created.load(Ordering::Relaxed)
    }

    /// Stops the programs.
    pub async fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.created.load(Ordering::Relaxed)
    }
}
