//! Lookups of TXT records, which prove the control of custom domains.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData},
};

/// How long one query may take before it is repeated.
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a query is retried.
const RETRIES: usize = 1;
/// How long a lookup may take in total.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);
/// How many characters of a value a lookup returns at most.
const MAX_VALUE: usize = 255;

/// Why a lookup got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsFailure {
    /// The configuration of the system has no usable DNS server.
    #[error("the system has no DNS server")]
    NotConfigured,
    /// The name is not a valid name in DNS.
    #[error("the name is not valid")]
    Name,
    /// No DNS server answered in time.
    #[error("no DNS server answered in time")]
    Timeout,
    /// The DNS server did not answer the query. The text describes its response code, such as `Server
    /// Failure`.
    #[error("the DNS server returned the error \"{0}\"")]
    Refused(String),
    /// No connection to a DNS server.
    #[error("no DNS server can be reached")]
    Unreachable,
}

/// Asks DNS. Nothing is cached, so that a record that was just set is found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dns {
    server: Option<SocketAddr>,
}

impl Dns {
    /// Asks this DNS server, or those in the configuration of the system, which is read for each lookup.
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self { server }
    }

    /// Returns the values of the TXT records with this name. Empty if there is no such record. Control
    /// characters are removed. Follows aliases (CNAME).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn find_txt(&self, name: &str) -> Result<Vec<String>, DnsFailure> {
        // A name with a dot at its end is absolute: no search domain is added.
        let name = Name::from_ascii(format!("{name}.")).map_err(|_| DnsFailure::Name)?;
        let resolver = self.resolver()?;
        let lookup = tokio::time::timeout(LOOKUP_TIMEOUT, resolver.txt_lookup(name));
        let found = match lookup.await.map_err(|_| DnsFailure::Timeout)? {
            Ok(found) => found,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => {
                tracing::debug!(%error, "a DNS lookup failed");
                return Err(failure(&error));
            }
        };
        let values = found.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => Some(printable(&text.txt_data.concat())),
            _ => None,
        });
        Ok(values.collect())
    }

    fn resolver(&self) -> Result<TokioResolver, DnsFailure> {
        let mut builder = match self.server {
            Some(server) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                let server = NameServerConfig::new(server.ip(), true, connections.into());
                let config = ResolverConfig::from_name_servers(vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(|_| DnsFailure::NotConfigured)?,
        };
        set_limits(builder.options_mut());
        builder.build().map_err(|_| DnsFailure::NotConfigured)
    }
}

fn set_limits(options: &mut ResolverOpts) {
    options.timeout = QUERY_TIMEOUT;
    options.attempts = RETRIES;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
}

fn failure(error: &NetError) -> DnsFailure {
    match error {
        NetError::Timeout => DnsFailure::Timeout,
        NetError::Dns(DnsError::ResponseCode(code)) => DnsFailure::Refused(code.to_str().to_owned()),
        _ => DnsFailure::Unreachable,
    }
}

/// The text of a record without control characters.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|character| !character.is_control()).take(MAX_VALUE).collect()
}
