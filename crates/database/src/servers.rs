use std::{str::FromStr, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::pool::{Pool, accepts_writes};

/// Session settings of every connection. The timeouts limit statements, lock waits and idle transactions.
const SESSION: [(&str, &str); 5] = [
    ("search_path", "tenantry"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("timezone", "UTC"),
];

/// How long a server may take to report whether it accepts writes.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// The addresses of the servers of one database: a primary and its standbys, in any order.
#[derive(Debug, Clone)]
pub struct Servers(Vec<PgConnectOptions>);

impl Servers {
    /// Creates a pool of at most `size` connections to one server. The pool connects on first use.
    pub(crate) fn pool(&self, server_index: usize, size: u32) -> Pool {
        Pool::new(self.options(server_index), self.has_multiple(), size)
    }

    /// How to connect to one server, with the session settings of every connection.
    pub(crate) fn options(&self, server_index: usize) -> PgConnectOptions {
        // The list is never empty, and every index is 0 or comes from `find_writable`.
        self.0.get(server_index).cloned().unwrap_or_else(PgConnectOptions::new_without_pgpass)
    }

    /// The server's address, for the log.
    pub(crate) fn name(&self, server_index: usize) -> String {
        let options = self.options(server_index);
        match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        }
    }

    pub(crate) fn has_multiple(&self) -> bool {
        self.0.len() > 1
    }

    /// Asks all servers at once. Returns the index of the first server, in the order of the URL, that
    /// accepts writes. The order is fixed, so that all processes choose the same server.
    pub(crate) async fn find_writable(&self) -> Option<usize> {
        let probes: Vec<_> = self.0.iter().cloned().map(|server| tokio::spawn(is_writable(server))).collect();
        for (index, probe) in probes.into_iter().enumerate() {
            if matches!(probe.await, Ok(true)) {
                return Some(index);
            }
        }
        None
    }
}

impl From<PgConnectOptions> for Servers {
    fn from(server: PgConnectOptions) -> Self {
        Self(vec![with_session(server)])
    }
}

/// Parses a URL. Several hosts may be separated by commas, as in libpq's
/// `postgres://user@one:5432,two:5433/database`.
impl FromStr for Servers {
    type Err = sqlx::Error;

    fn from_str(url: &str) -> Result<Self, sqlx::Error> {
        let start = url.find("://").map_or(0, |at| at + 3);
        let (scheme, rest) = url.split_at(start);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let servers =
            hosts.split(',').map(|host| format!("{scheme}{user}{host}{path}").parse().map(with_session));
        servers.collect::<Result<_, _>>().map(Self)
    }
}

/// Adds the session settings of every connection: schema, time limits and time zone.
pub fn with_session(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("tenantry").options(SESSION)
}

async fn is_writable(server: PgConnectOptions) -> bool {
    let probe = async {
        let mut connection = PgConnection::connect_with(&server).await?;
        let writable = accepts_writes(&mut connection).await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(writable)
    };
    let result = tokio::time::timeout(PROBE_TIMEOUT, probe).await;
    if !matches!(result, Ok(Ok(_))) {
        tracing::debug!(
            host = server.get_host(),
            ?result,
            "could not determine whether a database server accepts writes"
        );
    }
    matches!(result, Ok(Ok(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Vec<(String, u16, Option<String>)> {
        let Servers(servers) = url.parse().unwrap();
        let described = |server: &PgConnectOptions| {
            (server.get_host().to_owned(), server.get_port(), server.get_database().map(str::to_owned))
        };
        servers.iter().map(described).collect()
    }

    #[test]
    fn every_host_of_a_url_is_a_server_of_the_database() {
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
    fn a_malformed_host_makes_the_url_invalid() {
        for url in ["postgres://one:a/x", "postgres://one,two:99999/x", "one,two"] {
            assert!(url.parse::<Servers>().is_err(), "{url}");
        }
    }
}
