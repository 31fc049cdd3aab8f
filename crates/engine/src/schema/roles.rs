//! The database roles of row level security. Roles belong to the cluster, so that several databases share
//! them, and a restored database may lack them.
//!
//! `tenantry_tenant` sees the rows of one tenant. The role that the programs connect as becomes this role for
//! a transaction, but must not inherit its limits. It is therefore a member of `tenantry_server`, which is a
//! member of `tenantry_tenant` without inheriting from it.

use sqlx::{Connection, PgConnection, PgExecutor};

use super::MissingRole;
use crate::Error;

/// Creates the roles that are missing.
const CREATE: &str = include_str!("../../../../migrations/roles.sql");

/// Creates the roles and makes the current role a member, unless this was done before.
///
/// # Errors
/// [`Error::MissingRole`] if the current role may not create roles; the database's error.
pub(super) async fn ensure(connection: &mut PgConnection) -> Result<(), Error> {
    if can_become_tenant(connection).await? {
        return Ok(());
    }
    match sqlx::raw_sql(CREATE).execute(&mut *connection).await {
        Err(error) if is_refused(&error) => Err(missing_role(&mut *connection).await?.into()),
        created => Ok(created.map(drop)?),
    }
}

/// Whether the current role can become `tenantry_tenant`.
async fn can_become_tenant(connection: &mut PgConnection) -> Result<bool, Error> {
    let mut transaction = connection.begin().await?;
    let became = sqlx::raw_sql("SET LOCAL ROLE tenantry_tenant").execute(&mut *transaction).await;
    transaction.rollback().await?;
    match became {
        Err(error) if is_refused(&error) => Ok(false),
        became => Ok(became.map(|_| true)?),
    }
}

/// Whether a role does not exist, or the current role lacks a privilege.
pub(crate) fn is_refused(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("22023" | "42501" | "42704"))
}

/// The statements for the roles that are missing, and for the membership of the current role.
pub(crate) async fn missing_role(executor: impl PgExecutor<'_>) -> Result<MissingRole, Error> {
    let statements = sqlx::query_scalar(
        "SELECT concat_ws(' ',
             CASE WHEN to_regrole('tenantry_tenant') IS NULL THEN 'CREATE ROLE tenantry_tenant NOLOGIN;' END,
             CASE WHEN to_regrole('tenantry_server') IS NULL
                  THEN 'CREATE ROLE tenantry_server NOLOGIN NOINHERIT IN ROLE tenantry_tenant;' END,
             format('GRANT tenantry_server TO %I;', current_user))",
    )
    .fetch_one(executor)
    .await?;
    Ok(MissingRole { statements })
}
