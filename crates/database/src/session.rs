//! The session settings of Tenantry's connections: schema, time limits and time zone.
//!
//! A direct connection sends the settings when it starts. A connection pooler, such as PgBouncer in
//! transaction mode, refuses or drops these settings, and may run each transaction of a client on another
//! backend. Through a pooler, each transaction therefore begins with the settings, and every statement runs
//! in a transaction.

use sqlx::{
    Error, Execute, Executor, Postgres, Row, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgConnectOptions, PgStatement},
};

/// The settings of every session. The timeouts limit statements, lock waits and idle transactions.
const SETTINGS: [(&str, &str); 6] = [
    ("search_path", "tenantry"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("timezone", "UTC"),
    // Compiling a query takes longer than running it, because every query reads few rows.
    ("jit", "off"),
];

/// Counts the settings of the session that came from the client's start-up message.
const COUNT_OWN_SETTINGS: &str = "
    SELECT count(*) FROM pg_settings
    WHERE source = 'client' AND lower(name) IN
        ('search_path', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'timezone',
         'jit')";

/// Begins a transaction with the settings of [`SETTINGS`], in one round trip.
const BEGIN_WITH_SETTINGS: &str = "
    BEGIN;
    SET LOCAL search_path = tenantry;
    SET LOCAL statement_timeout = '10s';
    SET LOCAL lock_timeout = '3s';
    SET LOCAL idle_in_transaction_session_timeout = '10s';
    SET LOCAL timezone = 'UTC';
    SET LOCAL jit = off";

/// The SQLSTATEs with which a pooler refuses settings in a start-up message: `protocol_violation`, which
/// PgBouncer uses, and `feature_not_supported`, which another pooler may use. PostgreSQL uses neither code to
/// refuse a valid start-up message.
const REFUSED_SETTINGS: [&str; 2] = ["08P01", "0A000"];

/// How the settings reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionKind {
    /// The connection leads to PostgreSQL: the session has the settings, and prepared statements have names.
    Direct,
    /// The connection leads to a pooler: each transaction has the settings, and prepared statements have no
    /// names, because the statement of another client could have the same name.
    Pooled,
}

impl SessionKind {
    /// The options of a connection, with the settings unless a pooler would refuse them.
    pub(crate) fn options(self, server: PgConnectOptions) -> PgConnectOptions {
        match self {
            Self::Direct => with_session(server),
            // PgBouncer also refuses `extra_float_digits`.
            Self::Pooled => {
                server.application_name("tenantry").extra_float_digits(None).statement_cache_capacity(0)
            }
        }
    }

    /// The statement that begins a transaction.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Direct => "BEGIN",
            Self::Pooled => BEGIN_WITH_SETTINGS,
        }
    }

    /// Wraps a statement, so that sqlx prepares it without a name behind a pooler.
    pub(crate) fn statement<E>(self, query: E) -> Statement<E> {
        Statement { query, may_be_named: self == Self::Direct }
    }
}

/// Adds the session settings of every connection: schema, time limits and time zone.
pub fn with_session(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("tenantry").options(SETTINGS)
}

/// Whether the session has the settings of its start-up message. A session behind a pooler does not
/// have them.
pub(crate) async fn has_own_settings<'c>(
    executor: impl Executor<'c, Database = Postgres>,
) -> Result<bool, Error> {
    let count: i64 = sqlx::raw_sql(COUNT_OWN_SETTINGS).fetch_one(executor).await?.try_get(0)?;
    Ok(usize::try_from(count) == Ok(SETTINGS.len()))
}

/// Whether a pooler refused the settings of a start-up message.
pub(crate) fn is_refusal_of_settings(error: &Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| REFUSED_SETTINGS.contains(&code.as_ref()))
}

/// A statement that sqlx prepares under a name only if `may_be_named` is true.
#[derive(Debug)]
pub(crate) struct Statement<E> {
    query: E,
    may_be_named: bool,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Statement<E> {
    fn sql(self) -> SqlStr {
        self.query.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.query.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        self.query.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.may_be_named && self.query.persistent()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_begins_with_every_setting() {
        for (name, value) in SETTINGS {
            let set = format!("SET LOCAL {name} = ");
            let line = BEGIN_WITH_SETTINGS.lines().find_map(|line| line.trim().strip_prefix(&set));
            assert_eq!(line.map(|line| line.trim_end_matches(';').trim_matches('\'')), Some(value), "{name}");
            assert!(COUNT_OWN_SETTINGS.contains(&format!("'{name}'")), "{name}");
        }
    }
}
