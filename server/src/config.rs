//! Configuration: flags override environment variables, which override the TOML file, which overrides
//! the defaults. Everything is read once, and every problem is reported at once.
//!
//! To add a setting, add an entry to the table of [`Settings`], or to the table of a connector in
//! `config/connectors.rs`. The comment above an entry is the setting's documentation, which
//! `tenantry settings > docs/CONFIGURATION.md` writes to the document.

mod connectors;
mod kind;
mod mail;
mod master_key;
mod reader;
pub(crate) mod reference;
#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use domain::{custom_domain::DomainName, plan::Plan, sign_up::SignUpMode};
use engine::{PipelineSettings, audit::HeadFile, mail::MailSettings, tenants::DomainSettings};
use secrecy::SecretString;
use url::Url;

pub(crate) use self::{
    kind::{LogFormat, MasterKey},
    master_key::MasterKeyError,
    reader::{ConfigProblems, Overrides},
};
use self::{
    mail::Mail,
    reader::{Reader, Setting, settings, table},
};

settings! {
    /// The settings of one process.
    #[derive(Debug)]
    pub(crate) struct Settings in "" {
        /// The IP address and port that the server listens on
        listen: SocketAddr = kind::parsed("an IP address and a port, such as 127.0.0.1:3000").or("127.0.0.1:3000"),
        /// The directory of the private PostgreSQL and the generated master key. The directory is created if
        /// it does not exist
        data_dir: PathBuf = kind::path().or("./data"),
        /// The URL of the PostgreSQL database. The URL may name several hosts, separated by commas; the
        /// server uses the host that accepts writes. If not set, the server starts a private PostgreSQL in
        /// the data directory
        database_url: Option<SecretString> = kind::postgres_url().optional(),
        /// The URL of PostgreSQL itself if `DATABASE_URL` leads to a connection pooler, such as PgBouncer in
        /// transaction mode. Migrations, notifications and locks use this URL. Without a pooler, do not set
        /// it
        database_direct_url: Option<SecretString> = kind::postgres_url().optional(),
        /// The address that users open. The server uses this address in links, and to check the origin of
        /// requests. With https, cookies are `Secure`
        public_url: Option<String> = kind::origin().optional(),
        /// The reverse proxies in front of the server, whose `X-Forwarded-For` header is trusted.
        /// If not set, the client address is the peer address
        trusted_proxies: Vec<IpAddr> = kind::ip_addresses().optional(),
        /// How long the server still accepts requests after a signal to stop, while `/readyz` returns 503, so
        /// that load balancers choose another server
        shutdown_delay_seconds: u64 = kind::number(0, 300).or("0"),
        /// The name shown in the console, to distinguish staging from production
        environment_name: String = kind::text(32).or("local"),
        /// The directory of a built site, for development. If not set, a release serves the files that
        /// its binary contains, and a development build serves those in `target/site`
        site_root: Option<PathBuf> = kind::path().optional(),
        /// Which events are logged
        log: String = kind::log_filter().or("info"),
        /// How log lines are formatted
        log_format: LogFormat = kind::either(("text", LogFormat::Text), ("json", LogFormat::Json)).or("text"),
        /// The maximum number of PostgreSQL connections, not counting one for each worker and one for
        /// change notifications. Three or four for each processor of the database server work best
        pool_size: u32 = kind::number(1, 1000).or("8"),
        /// How many passwords are hashed at the same time. Each hash uses one processor and about 20 MB
        sign_in_concurrency: usize = kind::number(1, 64).or("2"),
        /// The key from which the encryption key of stored secrets is derived. If not set, a random key is
        /// created in `master.key` in the data directory
        master_key: Option<MasterKey> = kind::master_key().optional(),
        /// The file with the signed head of the audit log, by which `tenantry audit verify` finds that the end
        /// of the log was removed. Keep the file where administrators of the database cannot write. If not
        /// set, it is `audit-head.json` in the data directory
        audit_head_file: Option<PathBuf> = kind::file_path().optional(),
        /// How many jobs of the external pipeline the process runs at the same time; 0 leaves them to
        /// other processes
        workers: u32 = kind::number(0, 64).or("2"),
        /// How long a lease lasts without a heartbeat before another worker takes over the step
        lease_seconds: u64 = kind::number(1, 300).or("30"),
        /// How long after its first failure a step is retried. Then the step waits for an admin
        retry_minutes: u64 = kind::number(1, 1440).or("30"),
        /// How many messages the process delivers at the same time, if `workers` is not 0; 0 leaves them to
        /// other processes
        mail_workers: u32 = kind::number(0, 16).or("1"),
        /// How long a dead step waits for an admin before its tenant is rolled back. If not set, the
        /// step waits forever
        rollback_after_hours: Option<u64> = kind::number(1, 8760).optional(),
        /// How many days the personal data of failed and rolled-back requests, the messages of attempts, the
        /// attempts of finished steps and finished mail are kept; mail at least 30 days. If not set, they are
        /// kept forever
        retention_days: Option<u64> = kind::number(1, 36_500).optional(),
        /// The DNS server that is asked for the records of custom domains. If not set, the DNS servers of the
        /// system are asked
        dns_server: Option<SocketAddr> = kind::dns_server().optional(),
        /// The domains of the platform, in addition to the host of `public_url`. No tenant can add them or
        /// their subdomains
        platform_domains: Vec<DomainName> = kind::domains().optional(),
        /// Who may sign up at `/signup` and with the API: `off` for nobody, `on` for everybody, or `approval`
        /// for everybody, whose tenants become active when an admin approves them
        sign_up: SignUpMode = kind::sign_up_mode().or("off"),
        ..
        otlp: Option<OtlpSettings> = OtlpSettings::read,
        mail: Mail = mail::read,
        pipeline: PipelineSettings = connectors::read,
        plans: Vec<Plan> = read_plans,
    }
}

fn read_plans(reader: &mut Reader) -> Vec<Plan> {
    reader.list("plans", Plan::defaults(), Plan::check)
}

settings! {
    /// The collector that receives traces and metrics.
    #[derive(Debug, Clone)]
    pub(crate) struct OtlpSettings in "otlp." {
        /// The collector that receives traces and metrics as OTLP over HTTP, such as
        /// http://127.0.0.1:4318. If not set, nothing is exported
        endpoint: Url = kind::web_url(),
        /// The bearer token of the collector
        token: Option<SecretString> = kind::token().optional(),
    }
}

impl Settings {
    /// Reads every source; `env` is [`environment`] except in tests.
    ///
    /// # Errors
    /// All problems at once, including unknown keys and unknown `TENANTRY_` variables.
    pub(crate) fn load(
        overrides: Overrides,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigProblems> {
        let mut reader = Reader::new(&Self::declared(), overrides, env);
        match Self::read(&mut reader) {
            Some(settings) if reader.problems.is_empty() => Ok(settings),
            _ => Err(ConfigProblems(reader.problems)),
        }
    }

    /// How long old data is kept. `None` if the setting is not set.
    pub(crate) fn retention(&self) -> Option<Duration> {
        self.retention_days.map(|days| Duration::from_secs(86_400 * days))
    }

    /// How custom domains are verified, and which domains belong to the platform.
    pub(crate) fn domains(&self) -> DomainSettings {
        let own = self.public_url.as_deref().and_then(|url| Url::parse(url).ok());
        let own = own.and_then(|url| DomainName::parse_ascii(url.host_str()?).ok());
        let platform = self.platform_domains.iter().cloned().chain(own).collect();
        DomainSettings { dns_server: self.dns_server, platform }
    }

    /// The file with the signed head of the audit log.
    pub(crate) fn audit_head_file(&self) -> HeadFile {
        HeadFile::new(self.audit_head_file.clone().unwrap_or_else(|| self.data_dir.join("audit-head.json")))
    }

    /// How mail is sent.
    pub(crate) fn mail(&self) -> MailSettings {
        self.mail.settings(&self.data_dir, self.public_url.clone())
    }

    /// The documentation of every setting.
    fn declared() -> Vec<Setting> {
        let mut reader = Reader::default();
        Self::read(&mut reader);
        reader.settings
    }
}

/// The environment of the process. Bytes that are not UTF-8 are replaced, so that a variable of
/// another program cannot prevent the start.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}
