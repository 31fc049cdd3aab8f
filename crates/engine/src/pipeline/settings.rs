//! What the pipeline is configured with. A connector without settings makes its steps `skipped`.

use std::path::PathBuf;

use domain::pipeline::{Blueprint, Connector, Step};
use secrecy::SecretString;
use url::Url;

/// Everything that is configured of the pipeline.
#[derive(Debug, Clone)]
pub struct PipelineSettings {
    pub copy: Option<CopySettings>,
    pub odoo18: Option<Odoo18Settings>,
    pub odoo19: Option<Odoo19Settings>,
    pub bridge: Option<BridgeSettings>,
    /// At least one; the first is the usual one.
    pub blueprints: Vec<Blueprint>,
    /// Hosts, as `name` or `name:port`, that connectors may call besides those of the settings.
    pub allowed_hosts: Vec<String>,
}

/// Copies of template databases: by PostgreSQL itself, or by a service.
#[derive(Debug, Clone)]
pub enum CopySettings {
    Postgres(PostgresCopies),
    /// `PUT {url}/copies/{database}` with the token; `docs/CONNECTORS.md` has the contract.
    Service {
        url: Url,
        token: SecretString,
    },
}

/// Copies that PostgreSQL makes.
#[derive(Debug, Clone)]
pub struct PostgresCopies {
    /// A role that may create databases and owns the templates.
    pub url: SecretString,
    pub strategy: CopyStrategy,
    /// How many copies of each template are made before anybody asks.
    pub ready: u32,
    /// Where Odoo keeps the attachments, in a folder for each database; none where there are none to copy.
    pub filestore: Option<PathBuf>,
}

impl PostgresCopies {
    /// By this role, and nothing else.
    pub fn new(url: SecretString) -> Self {
        Self { url, strategy: CopyStrategy::default(), ready: 0, filestore: None }
    }
}

/// PostgreSQL's ways to copy a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CopyStrategy {
    #[default]
    FileCopy,
    WalLog,
}

/// Where the tenants' copies are served by Odoo.
#[derive(Debug, Clone)]
pub struct Odoo18Settings {
    pub url: Url,
    /// The admin of the template, who is the admin of a fresh copy.
    pub login: String,
    pub password: SecretString,
}

/// The Odoo that keeps the list of tenants.
#[derive(Debug, Clone)]
pub struct Odoo19Settings {
    pub url: Url,
    pub database: String,
    pub login: String,
    /// For JSON-2 as a bearer key, and for JSON-RPC as the password.
    pub key: SecretString,
    /// What `business_base_url` starts with.
    pub business_base_url: String,
}

/// The metadata bridge.
#[derive(Debug, Clone)]
pub struct BridgeSettings {
    pub url: Url,
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
    pub fn blueprint(&self, name: &str) -> Option<&Blueprint> {
        self.blueprints.iter().find(|blueprint| blueprint.name == name)
    }

    /// Whether the connector is configured.
    pub fn has(&self, connector: Connector) -> bool {
        match connector {
            Connector::DatabaseCopy => self.copy.is_some(),
            Connector::Odoo18 => self.odoo18.is_some(),
            Connector::Odoo19 => self.odoo19.is_some(),
            Connector::Bridge => self.bridge.is_some(),
            Connector::Core => Connector::EXTERNAL.into_iter().any(|outside| self.has(outside)),
        }
    }

    /// Whether a tenant of this blueprint takes the step; else it is `skipped`. With no outside step
    /// there is nothing to finalize either.
    pub fn includes(&self, blueprint: &Blueprint, step: Step) -> bool {
        match step {
            Step::Finalize => Step::ALL.into_iter().any(|other| {
                other != Step::Finalize && blueprint.includes(other) && self.has(other.connector())
            }),
            _ => blueprint.includes(step) && self.has(step.connector()),
        }
    }
}
