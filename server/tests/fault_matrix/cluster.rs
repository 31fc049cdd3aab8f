//! A PostgreSQL cluster that scenarios share.

use std::{ops::Deref, path::PathBuf};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use test_support::{
    test_cluster::{TemplateSchema, TestCluster, block_on_thread},
    test_database::TenantrySchema,
};

/// Gates that hold a worker before it changes the state of a step. The gate `succeeded 3` holds the change of
/// step 3 to `succeeded`.
const GATES: &str = "
    CREATE SCHEMA matrix;
    CREATE TABLE matrix.gates (point text PRIMARY KEY);
    CREATE FUNCTION matrix.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        WHILE EXISTS (SELECT FROM matrix.gates WHERE point = NEW.state || ' ' || NEW.position) LOOP
            PERFORM pg_sleep(0.01);
        END LOOP;
        RETURN NEW;
    END $$;
    CREATE TRIGGER wait_at_gate BEFORE UPDATE ON tenantry.job_steps FOR EACH ROW
        WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION matrix.wait_at_gate();";

/// Tenantry's schema with gates.
struct GatedSchema;

impl TemplateSchema for GatedSchema {
    const KIND: &str = "gated";

    fn version(&self) -> String {
        TenantrySchema.version()
    }

    fn install(&self, database: PgConnectOptions) {
        TenantrySchema.install(database.clone());
        block_on_thread(async move || {
            let mut connection = PgConnection::connect_with(&database).await.unwrap();
            sqlx::raw_sql(GATES).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }
}

/// A dedicated cluster for one run of the matrix.
#[derive(Debug)]
pub(crate) struct MatrixCluster(TestCluster);

impl Deref for MatrixCluster {
    type Target = TestCluster;

    fn deref(&self) -> &TestCluster {
        &self.0
    }
}

impl MatrixCluster {
    pub(crate) async fn start() -> Self {
        Self(TestCluster::dedicated().await)
    }

    /// Creates a database with the schema and the gates.
    pub(crate) async fn create_database(&self, name: &str) {
        self.create_named(name, &GatedSchema).await;
    }

    /// The options of the test's own connections to a database, which faults must not affect.
    pub(crate) fn test_options(&self, database: &str) -> PgConnectOptions {
        self.options(database).application_name("matrix").options([("search_path", "tenantry,matrix,public")])
    }

    /// Creates the directory of a scenario.
    pub(crate) fn create_directory(&self, number: usize) -> PathBuf {
        let directory = self.directory().join(format!("scenario-{number}"));
        std::fs::create_dir(&directory).unwrap();
        directory
    }

    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }
}
