//! Moves the times of the demo data into the past.
//!
//! The events happen one after the other, within seconds. The clock notes when each of them began, and when it is
//! to have happened. At the end, one transaction moves all times of the demo data accordingly, so that the
//! order of all rows stays the same. The transaction disables the triggers of the tables, among them the one that
//! keeps the audit log append-only: `ALTER TABLE` is possible only for the owner of the tables, and applies to
//! this transaction alone.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Engine, Error};

/// Within an event, time passes this many times as fast, because the external systems respond immediately.
const STRETCH: i64 = 40;
/// Moves the times of all rows. See the comment in the file.
const MOVE_TIMES: &str = include_str!("move_times.sql");

/// When each event began, and when it is to have happened, in microseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Clock {
    real: Vec<i64>,
    shown: Vec<i64>,
}

impl Clock {
    /// Notes that the next event begins now, and is to have happened at `shown`.
    pub(super) async fn set(&mut self, engine: &Engine, shown: i64) -> Result<(), Error> {
        let now = now(engine).await?;
        self.real.push(now);
        // Never goes back, so that no row changes its place.
        let last = self.shown.last().copied().unwrap_or(shown);
        self.shown.push(shown.max(last.saturating_add(1_000_000)));
        Ok(())
    }

    /// Notes that time has passed within the event.
    pub(super) async fn advance(&mut self, engine: &Engine, seconds: i64) -> Result<(), Error> {
        let (real, shown) = (self.real.last().copied(), self.shown.last().copied());
        let (Some(real), Some(shown)) = (real, shown) else { return Ok(()) };
        let passed = (now(engine).await? - real) * STRETCH;
        self.set(engine, shown + passed + seconds * 1_000_000).await
    }

    /// Moves the times of everything that these employees did, and of their tenants.
    /// The transaction holds the lock of the audit chain since the first of them, so that none is in the chain.
    pub(super) async fn move_times(
        &self,
        transaction: &mut PgConnection,
        employees: &[Uuid],
    ) -> Result<(), Error> {
        prepare(transaction, &self.real, &self.shown, employees).await?;
        sqlx::raw_sql(MOVE_TIMES).execute(transaction).await?;
        Ok(())
    }
}

/// The time of the database, in microseconds since 1970.
pub(super) async fn now(engine: &Engine) -> Result<i64, Error> {
    let now =
        sqlx::query_scalar!(r#"SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS "now!""#);
    Ok(now.fetch_one(&engine.pool()).await?)
}

/// Creates the temporary tables that [`MOVE_TIMES`] reads.
async fn prepare(
    connection: &mut PgConnection,
    real: &[i64],
    shown: &[i64],
    employees: &[Uuid],
) -> Result<(), Error> {
    sqlx::raw_sql(
        "SET LOCAL statement_timeout = '60s';
         CREATE TEMP TABLE demo_clock (real_at timestamptz PRIMARY KEY, shown_at timestamptz) ON COMMIT DROP;
         CREATE TEMP TABLE demo_employees (id uuid PRIMARY KEY) ON COMMIT DROP",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO pg_temp.demo_clock
         SELECT 'epoch'::timestamptz + real_us * interval '1 microsecond',
             'epoch'::timestamptz + shown_us * interval '1 microsecond' FROM unnest($1, $2) AS t (real_us, shown_us)
         ON CONFLICT DO NOTHING",
    )
    .bind(real)
    .bind(shown)
    .execute(&mut *connection)
    .await?;
    sqlx::query("INSERT INTO pg_temp.demo_employees SELECT unnest($1)")
        .bind(employees)
        .execute(connection)
        .await?;
    Ok(())
}
