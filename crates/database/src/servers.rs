use std::{str::FromStr, time::Duration};

use sqlx::postgres::PgConnectOptions;

use crate::{
    Loggable, UnusableServer,
    connection::{Address, within},
    pool::Pool,
    session::SessionKind,
};

/// How long a server may take to report whether it accepts writes.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// The addresses of the servers of one database: a primary and its standbys, in any order.
#[derive(Debug, Clone)]
pub struct Servers {
    /// How to connect to each server, without session settings. Never empty.
    hosts: Vec<PgConnectOptions>,
    /// The servers behind the connection poolers in `hosts`. `None` if `hosts` are PostgreSQL servers.
    direct: Option<Box<Servers>>,
}

impl Servers {
    /// Declares that these servers are connection poolers, and that `direct` are the servers behind them.
    #[must_use]
    pub fn with_direct_servers(self, direct: Self) -> Self {
        Self { direct: Some(Box::new(direct)), ..self }
    }

    /// Creates a pool of at most `size` connections to one server. The pool connects on first use.
    pub(crate) fn pool(&self, server_index: usize, size: u32) -> Pool {
        Pool::new(self.address(server_index), size)
    }

    /// How to connect to one server.
    pub(crate) fn address(&self, server_index: usize) -> Address {
        // The list is never empty, and every index is 0 or comes from `find_writable`.
        let server = self.hosts.get(server_index).cloned();
        Address {
            server: server.unwrap_or_else(PgConnectOptions::new_without_pgpass),
            session: if self.direct.is_some() { SessionKind::Pooled } else { SessionKind::Direct },
            if_pooled: UnusableServer::DirectUrlMissing,
            must_accept_writes: self.has_multiple(),
        }
    }

    /// How to open a connection that bypasses a pooler. With a pooler, returns the address of the direct
    /// server that accepts writes. Without one, returns the address of the server with this index.
    pub(crate) async fn session_address(&self, server_index: usize) -> Address {
        let Some(direct) = &self.direct else { return self.address(server_index) };
        let index = if direct.has_multiple() { direct.find_writable().await } else { None };
        Address { if_pooled: UnusableServer::DirectUrlOfPooler, ..direct.address(index.unwrap_or(0)) }
    }

    pub(crate) fn has_multiple(&self) -> bool {
        self.hosts.len() > 1
    }

    /// Asks all servers at once. Returns the index of the first server, in the order of the URL, that
    /// accepts writes. The order is fixed, so that all processes choose the same server.
    pub(crate) async fn find_writable(&self) -> Option<usize> {
        let addresses = (0..self.hosts.len()).map(|index| self.address(index));
        let probes: Vec<_> = addresses.map(|address| tokio::spawn(is_writable(address))).collect();
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
        Self { hosts: vec![server], direct: None }
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
        let hosts = hosts.split(',').map(|host| format!("{scheme}{user}{host}{path}").parse());
        Ok(Self { hosts: hosts.collect::<Result<_, _>>()?, direct: None })
    }
}

async fn is_writable(address: Address) -> bool {
    let probe = async {
        let mut connection = address.open().await?;
        let writable = connection.accepts_writes().await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(writable)
    };
    let result = within(PROBE_TIMEOUT, probe).await;
    if let Err(error) = &result {
        tracing::debug!(
            host = address.name(),
            error = ?Loggable(error),
            "could not determine whether a database server accepts writes"
        );
    }
    matches!(result, Ok(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Vec<(String, u16, Option<String>)> {
        let Servers { hosts, .. } = url.parse().unwrap();
        let described = |server: &PgConnectOptions| {
            (server.get_host().to_owned(), server.get_port(), server.get_database().map(str::to_owned))
        };
        hosts.iter().map(described).collect()
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
