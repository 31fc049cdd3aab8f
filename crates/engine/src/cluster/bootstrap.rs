//! The role and the database that Tenantry works with.

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, PgConnection, Row,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{error::ClusterError, postmaster::PORT};

/// Owner of the cluster itself; only this module signs in as it.
pub(super) const SUPERUSER: &str = "postgres";
const ROLE: &str = "tenantry";
const DATABASE: &str = "tenantry";

/// Options for the role that Tenantry works as.
pub(super) fn options(socket_folder: &std::path::Path, password: &SecretString) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_folder)
        .port(PORT)
        .ssl_mode(PgSslMode::Disable)
        .username(ROLE)
        .password(password.expose_secret())
        .database(DATABASE)
}

/// Creates role and database where they are missing. May be run at any time.
///
/// The role may create databases and roles but is no superuser, so that
/// row-level security binds it as it would on a managed PostgreSQL.
pub(super) async fn prepare(options: &PgConnectOptions, password: &SecretString) -> Result<(), ClusterError> {
    create_missing(options, password).await.map_err(ClusterError::Prepare)
}

async fn create_missing(options: &PgConnectOptions, password: &SecretString) -> Result<(), sqlx::Error> {
    let superuser = options.clone().username(SUPERUSER).database("postgres");
    let mut connection = PgConnection::connect_with(&superuser).await?;
    let found = sqlx::query(
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role, \
                EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database",
    )
    .bind(ROLE)
    .bind(DATABASE)
    .fetch_one(&mut connection)
    .await?;
    if !found.try_get::<bool, _>("role")? {
        // Built by format() on the server: CREATE ROLE takes no parameters.
        let (statement,): (String,) =
            sqlx::query_as("SELECT format('CREATE ROLE %I LOGIN CREATEDB CREATEROLE PASSWORD %L', $1, $2)")
                .bind(ROLE)
                .bind(password.expose_secret())
                .fetch_one(&mut connection)
                .await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    if !found.try_get::<bool, _>("database")? {
        let statement = format!("CREATE DATABASE {DATABASE} OWNER {ROLE}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    connection.close().await
}
