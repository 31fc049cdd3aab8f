//! What the external pipeline is configured with: connectors, each whole or not at all, and blueprints.

#[cfg(test)]
mod tests;

use connectors::{
    PipelineSettings,
    settings::{BridgeSettings, CopySettings, CopyStrategy, Odoo18Settings, Odoo19Settings, PostgresCopies},
};
use domain::pipeline::Blueprint;
use secrecy::SecretString;
use url::Url;

use super::{database_url, path, sources::Sources, within};

const ODOO18: [&str; 3] = ["odoo18.url", "odoo18.login", "odoo18.password"];
const ODOO19: [&str; 5] =
    ["odoo19.url", "odoo19.database", "odoo19.login", "odoo19.key", "odoo19.business_base_url"];
const BRIDGE: [&str; 2] = ["bridge.url", "bridge.token"];
const COPY_BY_POSTGRES: [&str; 4] = ["copy.url", "copy.strategy", "copy.pool_size", "copy.filestore"];
const COPY_SERVICE: [&str; 2] = ["copy.service_url", "copy.service_token"];

/// Reads everything of the pipeline; mistakes are noted.
pub(super) fn read(from: &mut Sources) -> PipelineSettings {
    let copies = from.has_any(&["copy.url"]) || from.has_any(&COPY_SERVICE);
    PipelineSettings {
        copy: copy(from),
        odoo18: odoo18(from),
        odoo19: odoo19(from),
        bridge: bridge(from),
        blueprints: blueprints(from, copies),
        allowed_hosts: from.optional("allowed_hosts", hosts).unwrap_or_default(),
    }
}

fn copy(from: &mut Sources) -> Option<CopySettings> {
    let by_postgres = from.has_any(&COPY_BY_POSTGRES);
    let by_service = from.has_any(&COPY_SERVICE);
    if by_postgres && by_service {
        from.problems.add("copy.url and copy.service_url are two ways to copy databases; keep one");
    } else if by_postgres && !from.has_any(&["copy.url"]) {
        from.problems
            .add("TENANTRY_COPY_URL (copy.url) is missing: other settings of copy are of no use without it");
    }
    from.require_together(&COPY_SERVICE);
    let strategy = from.optional("copy.strategy", copy_strategy);
    let pool_size = from.optional("copy.pool_size", |text| within(text, 0, 100));
    let filestore = from.optional("copy.filestore", path);
    let url = from.optional("copy.url", postgres_url);
    let service = (from.optional("copy.service_url", web_url), from.optional("copy.service_token", secret));
    match (url, service) {
        (Some(url), _) => Some(CopySettings::Postgres(PostgresCopies {
            url,
            strategy: strategy?,
            pool_size: pool_size?,
            filestore,
        })),
        (None, (Some(url), Some(token))) => Some(CopySettings::Service { url, token }),
        _ => None,
    }
}

fn odoo18(from: &mut Sources) -> Option<Odoo18Settings> {
    from.require_together(&ODOO18);
    let url = from.optional("odoo18.url", web_url);
    let login = from.optional("odoo18.login", text);
    let password = from.optional("odoo18.password", secret);
    Some(Odoo18Settings { url: url?, login: login?, password: password? })
}

fn odoo19(from: &mut Sources) -> Option<Odoo19Settings> {
    from.require_together(&ODOO19);
    let url = from.optional("odoo19.url", web_url);
    let database = from.optional("odoo19.database", text);
    let login = from.optional("odoo19.login", text);
    let key = from.optional("odoo19.key", secret);
    let business_base_url = from.optional("odoo19.business_base_url", web_url);
    Some(Odoo19Settings {
        url: url?,
        database: database?,
        login: login?,
        key: key?,
        business_base_url: business_base_url?.into(),
    })
}

fn bridge(from: &mut Sources) -> Option<BridgeSettings> {
    from.require_together(&BRIDGE);
    let url = from.optional("bridge.url", web_url);
    let token = from.optional("bridge.token", secret);
    Some(BridgeSettings { url: url?, token: token? })
}

/// The file's blueprints, or the standard one. Each must name a template where databases are copied.
fn blueprints(from: &mut Sources, copies: bool) -> Vec<Blueprint> {
    let standard = vec![Blueprint::standard()];
    let (label, blueprints) = match from.blueprints() {
        None => ("blueprints".to_owned(), standard),
        Some((label, toml::Value::Array(entries))) if !entries.is_empty() => {
            let count = entries.len();
            let blueprints: Vec<Blueprint> = (1..)
                .zip(entries)
                .filter_map(|(place, entry)| blueprint(from, &label, place, entry))
                .collect();
            if blueprints.len() < count {
                return standard;
            }
            (label, blueprints)
        }
        Some((label, _)) => {
            from.problems.add(format!("{label} must be tables, each begun with [[blueprints]]"));
            return standard;
        }
    };
    for problem in Blueprint::check(&blueprints, copies).err().into_iter().flatten() {
        from.problems.add(format!("{label}: {problem}"));
    }
    blueprints
}

fn blueprint(from: &mut Sources, label: &str, place: usize, entry: toml::Value) -> Option<Blueprint> {
    match entry.try_into() {
        Ok(blueprint) => Some(blueprint),
        Err(error) => {
            let error: toml::de::Error = error;
            from.problems.add(format!("{label}: number {place} cannot be used: {}", error.message().trim()));
            None
        }
    }
}

fn copy_strategy(text: &str) -> Option<CopyStrategy> {
    match text {
        "file_copy" => Some(CopyStrategy::FileCopy),
        "wal_log" => Some(CopyStrategy::WalLog),
        _ => None,
    }
}

fn postgres_url(text: &str) -> Option<SecretString> {
    Url::parse(text).ok().and_then(|_| database_url(text))
}

/// Its path may go on; what else a URL can have would be lost or would show in logs.
pub(super) fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn secret(text: &str) -> Option<SecretString> {
    (!text.is_empty()).then(|| text.into())
}

/// Names or addresses between commas, each with or without a port.
fn hosts(text: &str) -> Option<Vec<String>> {
    text.split(',').map(|part| host(part.trim())).collect()
}

fn host(text: &str) -> Option<String> {
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let plain = url.path() == "/" && !text.contains(['/', '@', '?', '#']) && !text.ends_with(':');
    plain.then(|| text.to_ascii_lowercase())
}
