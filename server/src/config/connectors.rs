//! The settings of the external pipeline: connectors, each configured completely or not at all, and
//! blueprints.

#[cfg(test)]
mod tests;

use connectors::{
    PipelineSettings,
    settings::{BridgeSettings, CopySettings, CopyStrategy, Odoo18Settings, Odoo19Settings, PostgresCopies},
};
use domain::pipeline::Blueprint;

use super::{
    kind::{either, hosts, path, postgres_server_url, secret, text, web_url, whole_number},
    reader::{Reader, read},
};

/// The longest login or database name, in characters.
const MAX_TEXT: usize = 255;

pub(super) fn read(reader: &mut Reader) -> PipelineSettings {
    let postgres = reader.section("copy", read_postgres_copies);
    let by_postgres = reader.is_section_given();
    let service = reader.section("copy_service", read_copy_service);
    let by_service = reader.is_section_given();
    if by_postgres && by_service {
        reader.add_problem("copy and copy_service are both configured; keep one");
    }
    let odoo18 = reader.section("odoo18", read_odoo18);
    let odoo19 = reader.section("odoo19", read_odoo19);
    let bridge = reader.section("bridge", read_bridge);
    let about = "Hosts that connectors may call in addition to the hosts of their own settings";
    let allowed_hosts = reader.read("allowed_hosts", about, hosts().optional()).flatten().unwrap_or_default();
    let blueprints = read_blueprints(reader, by_postgres || by_service);
    let copy = postgres.map(CopySettings::Postgres).or(service);
    PipelineSettings { copy, odoo18, odoo19, bridge, blueprints, allowed_hosts }
}

fn read_postgres_copies(reader: &mut Reader) -> Option<PostgresCopies> {
    read!(
        reader,
        "copy.",
        PostgresCopies {
            /// The PostgreSQL server that holds the tenants' databases, which are copied from templates. The
            /// role needs `CREATEDB` and must own the templates
            url: postgres_server_url(),
            /// How PostgreSQL copies a template
            strategy: either(("file_copy", CopyStrategy::FileCopy), ("wal_log", CopyStrategy::WalLog))
                .default("file_copy"),
            /// The size of the warm pool: how many copies of each template are created ahead of demand. To
            /// use a pooled database, a step only renames it
            pool_size: whole_number(0, 100).default("0"),
            /// Odoo's filestore, which has a directory for each database. The template's directory is copied
            /// together with its database
            filestore: path().optional(),
        }
    )
}

fn read_copy_service(reader: &mut Reader) -> Option<CopySettings> {
    read!(
        reader,
        "copy_service.",
        CopySettings::Service {
            /// A service that copies databases, used instead of `copy.url`
            url: web_url(),
            /// The bearer token of the copy service
            token: secret(),
        }
    )
}

fn read_odoo18(reader: &mut Reader) -> Option<Odoo18Settings> {
    read!(
        reader,
        "odoo18.",
        Odoo18Settings {
            /// The Odoo 18 server that serves the tenants' databases
            url: web_url(),
            /// The login of the administrator in the template, and therefore in each new copy
            login: text(MAX_TEXT),
            /// The password of the administrator in the template
            password: secret(),
        }
    )
}

fn read_odoo19(reader: &mut Reader) -> Option<Odoo19Settings> {
    read!(
        reader,
        "odoo19.",
        Odoo19Settings {
            /// The Odoo 19 server with the tenant registry
            url: web_url(),
            /// The name of the Odoo 19 database
            database: text(MAX_TEXT),
            /// The login of the Odoo 19 user
            login: text(MAX_TEXT),
            /// The API key of the Odoo 19 user
            key: secret(),
            /// The beginning of each tenant's `business_base_url`; the slug follows
            business_base_url: web_url().map(String::from),
        }
    )
}

fn read_bridge(reader: &mut Reader) -> Option<BridgeSettings> {
    read!(
        reader,
        "bridge.",
        BridgeSettings {
            /// The metadata bridge
            url: web_url(),
            /// The bearer token of the metadata bridge
            token: secret(),
        }
    )
}

/// The blueprints of the file, or the standard one. With `copies`, each must name a template.
fn read_blueprints(reader: &mut Reader, copies: bool) -> Vec<Blueprint> {
    let (label, blueprints) = match reader.take_blueprints() {
        None => ("blueprints".to_owned(), vec![Blueprint::standard()]),
        Some((label, toml::Value::Array(entries))) if !entries.is_empty() => {
            let mut blueprints = Vec::new();
            for (number, entry) in (1..).zip(entries) {
                match entry.try_into::<Blueprint>() {
                    Ok(blueprint) => blueprints.push(blueprint),
                    Err(error) => reader.add_problem(format!(
                        "{label}: blueprint {number} cannot be used: {}",
                        error.message().trim()
                    )),
                }
            }
            (label, blueprints)
        }
        Some((label, _)) => {
            reader.add_problem(format!("{label} must be tables that each begin with [[blueprints]]"));
            return Vec::new();
        }
    };
    for problem in Blueprint::check(&blueprints, copies).err().into_iter().flatten() {
        reader.add_problem(format!("{label}: {problem}"));
    }
    blueprints
}
