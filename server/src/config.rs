//! Configuration: flags override environment variables, which override the TOML file, which overrides
//! the defaults. Everything is read once, and every mistake is reported at once.
//!
//! To add a setting, add a field to [`Settings`] and a line to [`Settings::read`]. The line's comment is
//! the setting's documentation; `tenantry settings > docs/CONFIGURATION.md` writes it out.

mod connectors;
mod kind;
mod master_key;
mod reader;
mod reference;
#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use engine::PipelineSettings;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use url::Url;

pub(crate) use self::{
    kind::{LogFormat, MasterKey},
    master_key::MasterKeyError,
    reader::{ConfigProblems, Overrides},
};
use self::{
    kind::{
        either, ip_addresses, log_filter, master_key, origin, path, postgres_url, socket_address, text,
        token, web_url, whole_number,
    },
    reader::{Reader, Setting, read},
};

/// The settings of one process. [`Settings::read`] documents each.
#[derive(Debug)]
pub(crate) struct Settings {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database_url: Option<SecretString>,
    /// The origin of the public URL.
    pub public_url: Option<String>,
    /// In canonical form: an IPv4-mapped IPv6 address is stored as IPv4.
    pub trusted_proxies: Vec<IpAddr>,
    pub environment_name: String,
    /// `None` selects the files that the binary contains, or `target/site` in a development build.
    pub site_root: Option<PathBuf>,
    /// A valid filter for `tracing_subscriber::EnvFilter`.
    pub log: String,
    pub log_format: LogFormat,
    pub pool_size: u32,
    pub sign_in_concurrency: usize,
    pub workers: u32,
    lease_seconds: u32,
    rollback_after_hours: Option<u32>,
    /// Where traces and metrics are exported to, if anywhere.
    pub otlp: Option<OtlpSettings>,
    pub pipeline: PipelineSettings,
    master_key: Option<MasterKey>,
}

/// The collector that receives traces and metrics.
#[derive(Debug, Clone)]
pub(crate) struct OtlpSettings {
    /// The base URL; signals go to `/v1/traces` and `/v1/metrics` below it.
    pub endpoint: Url,
    /// Contains only characters that an HTTP header allows.
    pub token: Option<SecretString>,
}

impl Settings {
    /// Reads every source; `env` is [`environment`] except in tests.
    ///
    /// # Errors
    /// Every mistake at once, including unknown keys and unknown `TENANTRY_` variables.
    pub(crate) fn load(
        overrides: Overrides,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigProblems> {
        let mut reader = Reader::new(overrides, env);
        let settings = Self::read(&mut reader);
        let (_, problems) = reader.finish();
        settings.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// All settings as a Markdown document, the content of `docs/CONFIGURATION.md`.
    #[must_use]
    pub(crate) fn reference() -> String {
        reference::markdown(&Self::declared())
    }

    /// A configuration file in which every setting is a comment.
    #[must_use]
    pub(crate) fn commented_file() -> String {
        reference::commented_file(&Self::declared())
    }

    fn declared() -> Vec<Setting> {
        let mut reader = Reader::new(Overrides::default(), std::iter::empty());
        let _ = Self::read(&mut reader);
        reader.finish().0
    }

    fn read(reader: &mut Reader) -> Option<Self> {
        read!(reader, "", Self {
            /// The IP address and port that the server listens on
            listen: socket_address().default("127.0.0.1:3000"),
            /// Holds the private PostgreSQL and the generated master key; created when it is missing
            data_dir: path().default("./data"),
            /// The PostgreSQL database. It may name several hosts, separated by commas; the server uses
            /// the one that accepts writes. If not set, the server starts a private PostgreSQL in the data
            /// directory
            database_url: postgres_url().optional(),
            /// The address that users open. It is used in links and to check the origin of requests; with
            /// https, cookies are `Secure`
            public_url: origin().optional(),
            /// The reverse proxies in front of the server, whose `X-Forwarded-For` header is trusted.
            /// If not set, the client address is the peer address
            trusted_proxies: ip_addresses().optional().map(Option::unwrap_or_default),
            /// The name shown in the console, to distinguish staging from production
            environment_name: text(32).default("local"),
            /// The directory of a built site, for development. If not set, a release serves the files that
            /// its binary contains, and a development build serves those in `target/site`
            site_root: path().optional(),
            /// Which events are logged
            log: log_filter().default("info"),
            /// How log lines are formatted
            log_format: either(("text", LogFormat::Text), ("json", LogFormat::Json)).default("text"),
            /// The maximum number of PostgreSQL connections, not counting one for each worker and one for
            /// change notifications. Three or four for each processor of the database server work best
            pool_size: whole_number(1, 1000).default("8"),
            /// How many passwords are hashed at the same time. Each uses one processor and about 20 MB
            sign_in_concurrency: whole_number(1, 64).default("2").map(|number| number as usize),
            /// Encrypts stored secrets. If not set, a random key is created in `master.key` in the data
            /// directory
            master_key: master_key().optional(),
            /// How many jobs of the external pipeline the process runs at the same time; 0 leaves them to
            /// other processes
            workers: whole_number(0, 64).default("2"),
            /// How long a lease lasts without a heartbeat before another worker takes over the step
            lease_seconds: whole_number(1, 300).default("30"),
            /// How long a dead step waits for an admin before its tenant is rolled back. If not set, the
            /// step waits forever
            rollback_after_hours: whole_number(1, 8760).optional(),
            ..
            otlp: reader.section("otlp", read_otlp),
            pipeline: connectors::read(reader),
        })
    }

    /// How long a lease lasts without a heartbeat.
    #[must_use]
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.into())
    }

    /// How long a dead step waits for an admin before its tenant is rolled back; `None` waits forever.
    #[must_use]
    pub(crate) fn rollback_after(&self) -> Option<Duration> {
        self.rollback_after_hours.map(|hours| Duration::from_secs(3600 * u64::from(hours)))
    }

    /// Returns the configured master key, or the one in the data directory. Creates the latter from
    /// `new_key` when it does not exist.
    ///
    /// # Errors
    /// When the key file cannot be read or created, or does not contain a key.
    pub(crate) fn master_key(&self, new_key: impl FnOnce() -> [u8; 32]) -> Result<MasterKey, MasterKeyError> {
        match &self.master_key {
            Some(key) => Ok(SecretBox::new(Box::new(*key.expose_secret()))),
            None => master_key::load_or_create(&self.data_dir, new_key),
        }
    }
}

fn read_otlp(reader: &mut Reader) -> Option<OtlpSettings> {
    read!(
        reader,
        "otlp.",
        OtlpSettings {
            /// The collector that receives traces and metrics as OTLP over HTTP, such as
            /// http://127.0.0.1:4318. If not set, nothing is exported
            endpoint: web_url(),
            /// The bearer token of the collector
            token: token().optional(),
        }
    )
}

/// The environment of the process. Bytes that are not UTF-8 are replaced, so that a broken value of a
/// setting is reported, and one of another program's variable is ignored.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}
