//! Reads the earlier system.

use std::{collections::HashMap, str::FromStr, time::Duration};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::{AdoptionError, shape::Shape};
use crate::Engine;

/// How long opening the connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The advisory lock that a run holds.
const ADOPTION_LOCK: i64 = 7310;
/// One snapshot for all tables. Prevents changes of the earlier database by mistake.
const BEGIN: &str = "
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL search_path = pg_catalog;
    SET LOCAL statement_timeout = '60s';
    SET LOCAL lock_timeout = '3s';
    SET LOCAL timezone = 'UTC'";
const FUNCTION_EXISTS: &str =
    "SELECT to_regprocedure('public.provision_tenant(uuid, text, text, text, text)') IS NOT NULL";

/// The number of accounts, if they are many and no index finds an address in any case.
const ACCOUNTS_WITHOUT_INDEX: &str = "
    SELECT c.reltuples::bigint FROM pg_class c
    WHERE c.oid = to_regclass('auth.users') AND c.reltuples > 10000 AND NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid
            AND pg_get_indexdef(i.indexrelid, 1, true) ~ '^lower\\(.*email')";

/// A tenant of the earlier system.
#[derive(Debug, Clone)]
pub(super) struct EarlierTenant {
    pub id: String,
    pub name: String,
    pub slug: String,
    /// `None` if the table has no such column.
    pub status: Option<String>,
    /// `None` if the table has no such column.
    pub plan: Option<String>,
}

/// A row of `auto_provisioning`.
#[derive(Debug, Clone)]
pub(super) struct EarlierLink {
    pub user_id: String,
    pub tenant_id: Option<String>,
    pub restaurant_name: String,
    pub restaurant_slug: String,
}

/// An account of the earlier system.
#[derive(Debug, Clone)]
pub(super) struct EarlierAccount {
    pub email: String,
    /// The name in `profiles`.
    pub name: String,
}

/// The rows of the earlier system, from one snapshot.
#[derive(Debug)]
pub(super) struct EarlierData {
    /// Oldest first, if the table says when they were created.
    pub tenants: Vec<EarlierTenant>,
    pub links: Vec<EarlierLink>,
    /// By ID.
    pub accounts: HashMap<String, EarlierAccount>,
    pub employees: Option<i64>,
    pub has_function: bool,
    /// The number of accounts, if checking an address reads all of them.
    pub slow_accounts: Option<i64>,
}

/// A connection to the database of the earlier system.
pub(super) struct EarlierDatabase {
    pub connection: PgConnection,
    /// Whether this is Tenantry's own database.
    pub is_own: bool,
    /// Holds the lock of the run.
    _lock: PgConnection,
}

impl EarlierDatabase {
    /// Connects to the earlier database, and checks that its tables can be read: by the role of the URL and, in
    /// Tenantry's own database, also by Tenantry's role.
    pub(super) async fn open(engine: &Engine, url: &str) -> Result<Self, AdoptionError> {
        let mut lock = engine.connect().await?;
        let locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(ADOPTION_LOCK)
            .fetch_one(&mut lock)
            .await?;
        if !locked {
            return Err(AdoptionError::InProgress);
        }
        let mut connection = connect(url).await?;
        let is_own = is_same_database(&mut lock, &mut connection).await?;
        Shape::read(&mut connection).await.map_err(AdoptionError::Read)?.check()?;
        if is_own {
            Shape::read(&mut lock).await?.check()?;
        }
        Ok(Self { connection, is_own, _lock: lock })
    }

    /// Reads all rows in one snapshot.
    pub(super) async fn read(&mut self) -> Result<EarlierData, AdoptionError> {
        let connection = &mut self.connection;
        let data = async {
            sqlx::raw_sql(BEGIN).execute(&mut *connection).await?;
            let data = read_all(connection).await?;
            sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
            Ok(data)
        };
        data.await.map_err(AdoptionError::Read)
    }
}

async fn connect(url: &str) -> Result<PgConnection, AdoptionError> {
    let options = PgConnectOptions::from_str(url).map_err(AdoptionError::InvalidUrl)?;
    let options = options.application_name("tenantry adopt").statement_cache_capacity(0);
    let connection = timeout(CONNECT_TIMEOUT, options.connect()).await;
    connection.map_err(|_| sqlx::Error::PoolTimedOut).flatten().map_err(AdoptionError::Unreachable)
}

/// Whether two connections lead to the same database. An advisory lock belongs to one database, so that this
/// does not depend on names and addresses.
async fn is_same_database(own: &mut PgConnection, other: &mut PgConnection) -> Result<bool, AdoptionError> {
    let key: i64 = rand::random();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(key).execute(&mut *own).await?;
    let mut transaction = other.begin().await.map_err(AdoptionError::Read)?;
    let is_free: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
        .bind(key)
        .fetch_one(&mut *transaction)
        .await
        .map_err(AdoptionError::Read)?;
    transaction.rollback().await.map_err(AdoptionError::Read)?;
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(key).execute(own).await?;
    Ok(!is_free)
}

async fn read_all(connection: &mut PgConnection) -> Result<EarlierData, sqlx::Error> {
    let shape = Shape::read(&mut *connection).await?;
    Ok(EarlierData {
        tenants: read_tenants(connection, &shape).await?,
        links: read_links(connection, &shape).await?,
        accounts: read_accounts(connection, &shape).await?,
        employees: count_employees(connection, &shape).await?,
        has_function: sqlx::query_scalar(FUNCTION_EXISTS).fetch_one(&mut *connection).await?,
        slow_accounts: sqlx::query_scalar(ACCOUNTS_WITHOUT_INDEX).fetch_optional(connection).await?,
    })
}

async fn read_tenants(
    connection: &mut PgConnection,
    shape: &Shape,
) -> Result<Vec<EarlierTenant>, sqlx::Error> {
    const TABLE: &str = "public.tenants";
    let [status, plan] = ["status", "plan"].map(|column| shape.text_or_null(TABLE, column));
    let order = if shape.has(TABLE, "created_at") { "created_at NULLS LAST, id" } else { "id" };
    let sql = format!(
        "SELECT id::text, coalesce(name::text, ''), coalesce(slug::text, ''), {status}, {plan} FROM {TABLE} ORDER BY {order}"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let tenant = |row: sqlx::postgres::PgRow| {
        Ok(EarlierTenant {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            slug: row.try_get(2)?,
            status: row.try_get(3)?,
            plan: row.try_get(4)?,
        })
    };
    rows.into_iter().map(tenant).collect()
}

async fn read_links(connection: &mut PgConnection, shape: &Shape) -> Result<Vec<EarlierLink>, sqlx::Error> {
    const TABLE: &str = "public.auto_provisioning";
    let order = if shape.has(TABLE, "created_at") { "created_at NULLS LAST, " } else { "" };
    let sql = format!(
        "SELECT coalesce(user_id::text, ''), tenant_id::text, coalesce(restaurant_name::text, ''),
             coalesce(restaurant_slug::text, '') FROM {TABLE} ORDER BY {order}user_id, tenant_id"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let link = |row: sqlx::postgres::PgRow| {
        Ok(EarlierLink {
            user_id: row.try_get(0)?,
            tenant_id: row.try_get(1)?,
            restaurant_name: row.try_get(2)?,
            restaurant_slug: row.try_get(3)?,
        })
    };
    rows.into_iter().map(link).collect()
}

/// Reads the accounts that own tenants. The table may also contain the customers of the tenants.
async fn read_accounts(
    connection: &mut PgConnection,
    shape: &Shape,
) -> Result<HashMap<String, EarlierAccount>, sqlx::Error> {
    let (name, join) = profile(shape);
    let sql = format!(
        "SELECT u.id::text, coalesce(u.email::text, ''), coalesce({name}, '') FROM auth.users u {join}
         WHERE u.id::text IN (SELECT a.user_id::text FROM public.auto_provisioning a)"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let account = |row: sqlx::postgres::PgRow| {
        Ok((row.try_get(0)?, EarlierAccount { email: row.try_get(1)?, name: row.try_get(2)? }))
    };
    rows.into_iter().map(account).collect()
}

/// The expression of the person's name, and the join with `profiles` that it needs.
fn profile(shape: &Shape) -> (String, String) {
    const TABLE: &str = "public.profiles";
    let key = ["user_id", "id"].into_iter().find(|column| shape.has(TABLE, column));
    let has = |column: &&str| shape.has(TABLE, column);
    let whole = ["full_name", "display_name", "name"].into_iter().filter(has);
    let mut names: Vec<_> = whole.map(|column| format!("nullif(btrim(p.{column}::text), '')")).collect();
    let parts: Vec<_> = ["first_name", "last_name"]
        .into_iter()
        .filter(has)
        .map(|column| format!("p.{column}::text"))
        .collect();
    if !parts.is_empty() {
        names.push(format!("nullif(btrim(concat_ws(' ', {})), '')", parts.join(", ")));
    }
    match key {
        Some(key) if !names.is_empty() => {
            let names = names.join(", ");
            let join = format!(
                "LEFT JOIN (SELECT DISTINCT ON (p.{key}::text) p.{key}::text AS id, coalesce({names}) AS name
                     FROM {TABLE} p ORDER BY p.{key}::text) profile ON profile.id = u.id::text"
            );
            ("profile.name".to_owned(), join)
        }
        _ => ("NULL::text".to_owned(), String::new()),
    }
}

async fn count_employees(connection: &mut PgConnection, shape: &Shape) -> Result<Option<i64>, sqlx::Error> {
    if !shape.has_table("public.employees") {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT count(*) FROM public.employees").fetch_one(connection).await.map(Some)
}
