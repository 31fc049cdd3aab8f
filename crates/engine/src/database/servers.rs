//! The servers of one database, of which one takes writes (SPEC section 2).

use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// How a connection behaves: no statement, lock or idle transaction waits for ever.
const SESSION: [(&str, &str); 5] = [
    ("search_path", "tenantry"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("timezone", "UTC"),
];

/// How long an unused connection is taken for alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long a server may take to say whether it takes writes.
const ANSWER: Duration = Duration::from_secs(3);

/// How to reach the servers of one database: a primary and its standbys, whichever is which.
#[derive(Debug, Clone)]
pub struct Servers(Vec<PgConnectOptions>);

impl Servers {
    /// A pool of `size` connections at most, to one of them. Connects when it is first used.
    ///
    /// A connection that was used a moment ago is not tested before it is used again: that would
    /// cost each call a round trip. One that lay idle is, so a restart of the database is noticed
    /// here.
    pub(super) fn pool(&self, server: usize, size: u32) -> PgPool {
        let several = self.are_several();
        PgPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    match several && !takes_writes(connection).await? {
                        true => Err(sqlx::Error::Protocol("the server is a standby".into())),
                        false => Ok(()),
                    }
                })
            })
            .before_acquire(move |connection, meta| {
                Box::pin(async move {
                    match meta.idle_for > TRUSTED_FOR {
                        true if several => takes_writes(connection).await,
                        true => connection.ping().await.map(|()| true),
                        false => Ok(true),
                    }
                })
            })
            .connect_lazy_with(self.options(server))
    }

    fn options(&self, server: usize) -> PgConnectOptions {
        // There is one at least, and no index is made up.
        self.0.get(server).cloned().unwrap_or_else(PgConnectOptions::new_without_pgpass)
    }

    /// For the log.
    pub(super) fn name(&self, server: usize) -> String {
        let options = self.options(server);
        match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        }
    }

    pub(super) fn are_several(&self) -> bool {
        self.0.len() > 1
    }

    /// The place of the first that takes writes, in the URL's order: processes that ask at the
    /// same moment choose the same. All are asked at once.
    pub(super) async fn writable(&self) -> Option<usize> {
        let asked: Vec<_> = self.0.iter().cloned().map(|server| tokio::spawn(is_writable(server))).collect();
        for (index, answer) in asked.into_iter().enumerate() {
            if matches!(answer.await, Ok(true)) {
                return Some(index);
            }
        }
        None
    }
}

impl From<PgConnectOptions> for Servers {
    fn from(only: PgConnectOptions) -> Self {
        Self(vec![of_tenantry(only)])
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
        let servers =
            hosts.split(',').map(|host| format!("{scheme}{user}{host}{path}").parse().map(of_tenantry));
        servers.collect::<Result<_, _>>().map(Self)
    }
}

fn of_tenantry(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("tenantry").options(SESSION)
}

async fn is_writable(server: PgConnectOptions) -> bool {
    let asking = async {
        let mut connection = PgConnection::connect_with(&server).await?;
        let writable = takes_writes(&mut connection).await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(writable)
    };
    let answer = tokio::time::timeout(ANSWER, asking).await;
    if !matches!(answer, Ok(Ok(_))) {
        tracing::debug!(host = server.get_host(), ?answer, "a database server does not answer");
    }
    matches!(answer, Ok(Ok(true)))
}

/// Whether the server of this connection takes writes; a standby does not.
async fn takes_writes(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let read_only: String = sqlx::query_scalar("SHOW transaction_read_only").fetch_one(connection).await?;
    Ok(read_only == "off")
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
