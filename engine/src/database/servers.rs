//! The servers of one database, of which one takes writes (SPEC section 2).

use std::{str::FromStr, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::task::JoinSet;

/// How a connection behaves: no statement, lock or idle transaction waits for ever.
const SESSION: [(&str, &str); 5] = [
    ("search_path", "tenantry"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("timezone", "UTC"),
];

/// How long a server may take to say whether it takes writes.
const ANSWER: Duration = Duration::from_secs(3);

/// How to reach the servers of one database: a primary and its standbys, whichever is which.
#[derive(Debug, Clone)]
pub struct Servers {
    first: PgConnectOptions,
    others: Vec<PgConnectOptions>,
}

impl Servers {
    /// The one that the URL names first.
    pub(super) fn first(&self) -> PgConnectOptions {
        self.first.clone()
    }

    pub(super) fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    /// The first to say that it takes writes. All are asked at once, so that one that does not
    /// answer costs no time.
    pub(crate) async fn writable(&self) -> Option<PgConnectOptions> {
        let servers = std::iter::once(&self.first).chain(&self.others);
        let mut asked: JoinSet<_> = servers.cloned().map(if_writable).collect();
        while let Some(answer) = asked.join_next().await {
            if let Ok(Some(server)) = answer {
                return Some(server);
            }
        }
        None
    }
}

impl From<PgConnectOptions> for Servers {
    fn from(only: PgConnectOptions) -> Self {
        Self { first: of_tenantry(only), others: Vec::new() }
    }
}

/// Reads a URL in which several hosts may stand between commas, as in libpq's
/// `postgres://user@one:5432,two:5433/database`.
impl FromStr for Servers {
    type Err = sqlx::Error;

    fn from_str(url: &str) -> Result<Self, sqlx::Error> {
        let start = url.find("://").map_or(0, |at| at + 3);
        let (scheme, rest) = url.split_at(start);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let mut servers = hosts.split(',').map(|host| format!("{scheme}{user}{host}{path}").parse());
        // A text has one part at least.
        let first = servers.next().unwrap_or_else(|| url.parse())?;
        let others = servers.map(|server| server.map(of_tenantry)).collect::<Result<_, _>>()?;
        Ok(Self { first: of_tenantry(first), others })
    }
}

fn of_tenantry(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("tenantry").options(SESSION)
}

async fn if_writable(server: PgConnectOptions) -> Option<PgConnectOptions> {
    let asking = async {
        let mut connection = PgConnection::connect_with(&server).await?;
        let writable = takes_writes(&mut connection).await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(writable)
    };
    match tokio::time::timeout(ANSWER, asking).await {
        Ok(Ok(true)) => Some(server),
        Ok(Ok(false)) => None,
        Ok(Err(error)) => {
            tracing::debug!(host = server.get_host(), ?error, "a database server does not answer");
            None
        }
        Err(_) => {
            tracing::debug!(host = server.get_host(), "a database server does not answer in time");
            None
        }
    }
}

/// Whether the server of this connection takes writes; a standby does not.
pub(super) async fn takes_writes(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let read_only: String = sqlx::query_scalar("SHOW transaction_read_only").fetch_one(connection).await?;
    Ok(read_only == "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Vec<(String, u16, Option<String>)> {
        let Servers { first, others } = url.parse().unwrap();
        let described = |server: &PgConnectOptions| {
            (server.get_host().to_owned(), server.get_port(), server.get_database().map(str::to_owned))
        };
        std::iter::once(&first).chain(&others).map(described).collect()
    }

    #[test]
    fn every_host_of_a_url_is_a_server_of_the_same_database() {
        let database = Some("tenantry".to_owned());
        assert_eq!(
            hosts("postgres://u:p%40ss,word@one,two:5433,[::1]:5434/tenantry?sslmode=require"),
            [
                ("one".to_owned(), 5432, database.clone()),
                ("two".to_owned(), 5433, database.clone()),
                ("[::1]".to_owned(), 5434, database.clone()),
            ]
        );
        assert_eq!(hosts("postgresql://one/tenantry"), [("one".to_owned(), 5432, database)]);
    }

    #[test]
    fn a_mistake_in_any_host_is_a_mistake_of_the_url() {
        for url in ["postgres://one:a/x", "postgres://one,two:99999/x", "one,two"] {
            assert!(url.parse::<Servers>().is_err(), "{url}");
        }
    }
}
