//! Configuration: command line over environment over TOML file over default,
//! parsed once, every mistake reported at once (SPEC section 2).

mod key;
mod otlp;
mod pipeline;
mod problems;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod values;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use connectors::PipelineSettings;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use tracing_subscriber::EnvFilter;

use self::sources::Sources;
pub use self::{
    key::MasterKeyError,
    otlp::OtlpSettings,
    problems::ConfigProblems,
    sources::Overrides,
    values::{LogFormat, MasterKey, Origin},
};

/// The settings of one process. What each means is said once, in the table
/// that [`Settings::reference`] prints.
#[derive(Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database_url: Option<SecretString>,
    pub public_url: Option<Origin>,
    /// In the form that an address has when it is IPv4 written as IPv6: IPv4.
    pub trusted_proxies: Vec<IpAddr>,
    pub environment_name: String,
    pub site_root: PathBuf,
    /// A filter in the syntax of [`EnvFilter`], known to parse.
    pub log: String,
    pub log_format: LogFormat,
    /// Where traces and metrics go, if anywhere.
    pub otlp: Option<OtlpSettings>,
    pub pool_size: u32,
    pub sign_in_concurrency: usize,
    /// How many workers of the pipeline this process has.
    pub workers: u32,
    /// How long a step belongs to a worker that says nothing.
    pub lease: Duration,
    /// How long a dead step waits for a decision before its job is rolled back; none for ever.
    pub roll_back_after: Option<Duration>,
    pub pipeline: PipelineSettings,
    /// As configured; [`Settings::master_key`] is the key to use.
    master_key: Option<MasterKey>,
}

impl Settings {
    /// Reads everything; `env` is [`environment`] except in tests.
    ///
    /// # Errors
    /// Every mistake at once, unknown `TENANTRY_` variables and keys included.
    pub fn load(
        overrides: Overrides,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigProblems> {
        let mut sources = Sources::gather(overrides, env);
        let settings = Self::read(&mut sources);
        match settings {
            Some(settings) if sources.problems.is_empty() => Ok(settings),
            _ => Err(sources.problems),
        }
    }

    fn read(from: &mut Sources) -> Option<Self> {
        let listen = from.optional("listen", parsed);
        let data_dir = from.optional("data_dir", path);
        let database_url = from.optional("database_url", database_url);
        let public_url = from.optional("public_url", Origin::parse);
        let trusted_proxies = from.optional("trusted_proxies", values::parse_addresses);
        let environment_name = from.optional("environment_name", environment_name);
        let site_root = from.optional("site_root", path);
        let log = from.optional("log", filter);
        let log_format = from.optional("log_format", LogFormat::parse);
        let otlp = otlp::read(from);
        let pool_size = from.optional("pool_size", |text| within(text, 1, 1000));
        let sign_in_concurrency = from.optional("sign_in_concurrency", |text| within(text, 1, 64));
        let master_key = from.optional("master_key", values::parse_master_key);
        let workers = from.optional("workers", |text| within(text, 0, 64));
        let lease = from.optional("lease_seconds", |text| within(text, 1, 300)).map(Duration::from_secs);
        let roll_back_after = from
            .optional("rollback_after_hours", |text| within(text, 1, 8760))
            .map(|hours: u64| Duration::from_secs(hours * 3600));
        let pipeline = pipeline::read(from);
        // Only now, so that every setting had its say.
        Some(Self {
            listen: listen?,
            data_dir: data_dir?,
            database_url,
            public_url,
            trusted_proxies: trusted_proxies.unwrap_or_default(),
            environment_name: environment_name?,
            site_root: site_root?,
            log: log?,
            log_format: log_format?,
            otlp,
            pool_size: pool_size?,
            sign_in_concurrency: sign_in_concurrency?,
            workers: workers?,
            lease: lease?,
            roll_back_after,
            pipeline,
            master_key,
        })
    }

    /// The configured master key, else the one kept in the data directory,
    /// which is made there from `fresh` random bytes when it is missing.
    ///
    /// # Errors
    /// When the file cannot be read or made, or does not hold a key.
    pub fn master_key(&self, fresh: impl FnOnce() -> [u8; 32]) -> Result<MasterKey, MasterKeyError> {
        match &self.master_key {
            Some(key) => Ok(SecretBox::new(Box::new(*key.expose_secret()))),
            None => key::load_or_create(&self.data_dir, fresh),
        }
    }

    /// All settings as a Markdown table, for the README.
    #[must_use]
    pub fn reference() -> String {
        table::markdown()
    }
}

/// The process's environment. What is not UTF-8 is made so, so that a bad
/// value of ours is reported and others' do no harm.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| {
        let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
        (text(name), text(value))
    })
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn within<T: FromStr + PartialOrd>(text: &str, least: T, most: T) -> Option<T> {
    parsed(text).filter(|number| *number >= least && *number <= most)
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

fn database_url(text: &str) -> Option<SecretString> {
    let known = ["postgres://", "postgresql://"];
    known.iter().any(|scheme| text.starts_with(scheme)).then(|| text.into())
}

fn environment_name(text: &str) -> Option<String> {
    let text = text.trim();
    (1..=32).contains(&text.chars().count()).then(|| text.to_owned())
}

fn filter(text: &str) -> Option<String> {
    EnvFilter::try_new(text).ok().map(|_| text.to_owned())
}
