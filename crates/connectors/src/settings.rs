//! The settings of the connectors. The steps of a connector without settings are skipped.

use std::path::PathBuf;

use domain::pipeline::{Blueprint, Connector, Step};
use secrecy::SecretString;
use url::Url;

/// The settings of all connectors, and the blueprints.
#[derive(Debug, Clone)]
pub struct PipelineSettings {
    /// How template databases are copied.
    pub copy: Option<CopySettings>,
    /// The Odoo 18 server of the tenants.
    pub odoo18: Option<Odoo18Settings>,
    /// The Odoo 19 server with the tenant registry.
    pub odoo19: Option<Odoo19Settings>,
    /// The metadata bridge.
    pub bridge: Option<BridgeSettings>,
    /// At least one blueprint. The first one is the default.
    pub blueprints: Vec<Blueprint>,
    /// Hosts, as `name` or `name:port`, that connectors may call in addition to the configured URLs.
    pub allowed_hosts: Vec<String>,
}

/// How template databases are copied: by PostgreSQL or by a copy service.
#[derive(Debug, Clone)]
pub enum CopySettings {
    /// By `CREATE DATABASE … TEMPLATE …` on a PostgreSQL server.
    Postgres(PostgresCopies),
    /// By a copy service: `PUT {url}/copies/{database}`. `docs/CONNECTORS.md` specifies the protocol.
    Service {
        /// The URL of the service. It may have a path.
        url: Url,
        /// The bearer token of every call.
        token: SecretString,
    },
}

/// Settings for copies by PostgreSQL.
#[derive(Debug, Clone)]
pub struct PostgresCopies {
    /// The URL of the server, with a role that may create databases and owns the templates.
    pub url: SecretString,
    /// How PostgreSQL copies the files of a template.
    pub strategy: CopyStrategy,
    /// The number of databases in the warm pool of each template.
    pub pool_size: u32,
    /// Odoo's filestore, which has a directory for each database. `None` if there are no files to copy.
    pub filestore: Option<PathBuf>,
}

impl PostgresCopies {
    /// Uses the defaults: no warm pool and no filestore.
    pub fn new(url: SecretString) -> Self {
        Self { url, strategy: CopyStrategy::default(), pool_size: 0, filestore: None }
    }
}

/// The `STRATEGY` of `CREATE DATABASE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CopyStrategy {
    /// `FILE_COPY`: copies the files and writes a checkpoint before and after. Fast for large templates.
    #[default]
    FileCopy,
    /// `WAL_LOG`: writes every page to the write-ahead log, without checkpoints. Suits small templates.
    WalLog,
}

/// The Odoo 18 server that serves the databases of the tenants.
#[derive(Debug, Clone)]
pub struct Odoo18Settings {
    /// The URL of the server. It may have a path.
    pub url: Url,
    /// The login of the template's admin user. A new copy has the same user.
    pub login: String,
    /// The password of the admin user.
    pub password: SecretString,
    /// The address at which the server serves a tenant. `None` if Odoo learns the address from the browser of
    /// the first admin who signs in.
    pub tenant_url: Option<TenantUrl>,
}

/// The address of a tenant, with placeholders for the parts that differ between tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantUrl(String);

impl TenantUrl {
    /// Parses a URL that begins with `http://` or `https://` and contains at least one of the placeholders
    /// `{slug}` and `{database}`. Returns `None` for other text, and for a URL with a query, a fragment, a
    /// user name or another placeholder.
    pub fn parse(text: &str) -> Option<Self> {
        let template = Self(text.trim().trim_end_matches('/').to_owned());
        let (one, other) = (template.address("a", "b"), template.address("c", "d"));
        let url = Url::parse(&one).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let is_plain = url.query().is_none() && url.fragment().is_none() && !one.contains(['{', '}', '@']);
        (is_plain && one != other).then_some(template)
    }

    /// Returns the address of the tenant with this slug and this database, without a slash at the end.
    pub fn address(&self, slug: &str, database: &str) -> String {
        self.0.replace("{slug}", slug).replace("{database}", database)
    }
}

/// The Odoo 19 server with the tenant registry.
#[derive(Debug, Clone)]
pub struct Odoo19Settings {
    /// The URL of the server. It may have a path.
    pub url: Url,
    /// The database with the tenant registry.
    pub database: String,
    /// The login of the user who owns the key. Only JSON-RPC needs it.
    pub login: String,
    /// The API key: bearer token for JSON-2, password for JSON-RPC.
    pub key: SecretString,
    /// The prefix of a tenant's `business_base_url`. The tenant's slug follows it.
    pub business_base_url: Url,
    /// Pairs of a plan and the value of Odoo's field `plan` for it. Other plans get [`Self::DEFAULT_PLAN`].
    pub plan_map: Vec<(String, String)>,
    /// The value of the field `role` for the owner.
    pub owner_role: String,
}

impl Odoo19Settings {
    /// The value of the field `plan` for a plan that is not in the map.
    pub const DEFAULT_PLAN: &str = "starter";

    /// Returns the value of Odoo's selection field `plan` for a plan.
    pub fn plan_value(&self, plan: &str) -> &str {
        let mapped = self.plan_map.iter().find(|(from, _)| from == plan);
        mapped.map_or(Self::DEFAULT_PLAN, |(_, to)| to)
    }
}

/// The metadata bridge.
#[derive(Debug, Clone)]
pub struct BridgeSettings {
    /// The URL of the bridge. It may have a path.
    pub url: Url,
    /// The bearer token of every call.
    pub token: SecretString,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        Self {
            copy: None,
            odoo18: None,
            odoo19: None,
            bridge: None,
            blueprints: vec![Blueprint::standard()],
            allowed_hosts: Vec::new(),
        }
    }
}

impl PipelineSettings {
    /// Returns the blueprint with this name.
    pub fn blueprint(&self, name: &str) -> Option<&Blueprint> {
        self.blueprints.iter().find(|blueprint| blueprint.name == name)
    }

    /// The login of the admin in the templates, who stays active in a copy.
    pub(crate) fn admin_login(&self) -> Option<String> {
        self.odoo18.as_ref().map(|odoo| odoo.login.clone())
    }

    /// Whether the connector is configured. `core` is configured if any other connector is.
    pub fn has(&self, connector: Connector) -> bool {
        match connector {
            Connector::DatabaseCopy => self.copy.is_some(),
            Connector::Odoo18 => self.odoo18.is_some(),
            Connector::Odoo19 => self.odoo19.is_some(),
            Connector::Bridge => self.bridge.is_some(),
            Connector::Core => Connector::EXTERNAL.into_iter().any(|external| self.has(external)),
        }
    }

    /// Whether a tenant of this blueprint runs the step; otherwise the step is skipped. A tenant without any
    /// external step skips the last step too.
    pub fn includes(&self, blueprint: &Blueprint, step: Step) -> bool {
        match step {
            Step::Finalize => Step::ALL.into_iter().any(|other| {
                other != Step::Finalize && blueprint.includes(other) && self.has(other.connector())
            }),
            _ => blueprint.includes(step) && self.has(step.connector()),
        }
    }
}
