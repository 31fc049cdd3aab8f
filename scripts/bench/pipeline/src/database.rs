//! Temporary databases, and queries on them.

use std::time::{Duration, Instant};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use url::Url;
use uuid::Uuid;

use crate::BenchResult;

/// The product's default pool size.
pub const POOL_SIZE: u32 = 8;
/// The time limit of each wait.
pub const TIMEOUT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(50);

/// A temporary database in the measured server.
#[derive(Debug)]
pub struct Database {
    server: Url,
    name: String,
}

impl Database {
    pub async fn create(server: &Url) -> BenchResult<Self> {
        let name = format!("bench_{}", Uuid::now_v7().simple());
        execute(server, &format!("CREATE DATABASE {name}")).await?;
        Ok(Self { server: server.clone(), name })
    }

    pub fn url(&self) -> Url {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url
    }

    /// A pool with the engine's session settings.
    pub fn pool(&self) -> BenchResult<PgPool> {
        let options = ::database::with_session(self.url().as_str().parse()?);
        Ok(PgPoolOptions::new().max_connections(POOL_SIZE).connect_lazy_with(options))
    }

    pub async fn remove(self) -> BenchResult<()> {
        drop_database(&self.server, &self.name).await
    }
}

/// Opens a connection with default settings.
pub async fn connect(url: &Url) -> BenchResult<PgConnection> {
    let options: PgConnectOptions = url.as_str().parse()?;
    Ok(PgConnection::connect_with(&options).await?)
}

/// Runs statements on a new connection.
pub async fn execute(url: &Url, sql: &str) -> BenchResult<()> {
    let mut connection = connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Drops a database and terminates its connections. Retries while autovacuum runs in the database, because
/// the role may not terminate autovacuum.
pub async fn drop_database(server: &Url, name: &str) -> BenchResult<()> {
    let deadline = Instant::now() + TIMEOUT;
    while let Err(error) = execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await {
        if Instant::now() > deadline {
            return Err(error);
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Waits until the query returns true.
pub async fn wait_until(pool: &PgPool, query: &str) -> BenchResult<()> {
    let deadline = Instant::now() + TIMEOUT;
    while !sqlx::query_scalar::<_, bool>(AssertSqlSafe(query.to_owned())).fetch_one(pool).await? {
        if Instant::now() > deadline {
            return Err(format!("timed out waiting for: {query}").into());
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}
