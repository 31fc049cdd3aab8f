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
    kind,
    reader::{Reader, table},
};

pub(super) fn read(reader: &mut Reader) -> PipelineSettings {
    let postgres = table! { reader, "copy.", PostgresCopies {
        /// The PostgreSQL server that holds the tenants' databases, which are copied from templates. The
        /// role needs `CREATEDB` and must own the templates
        url: kind::postgres_server_url(),
        /// How PostgreSQL copies a template
        strategy: kind::either(("file_copy", CopyStrategy::FileCopy), ("wal_log", CopyStrategy::WalLog))
            .or("file_copy"),
        /// The size of the warm pool: how many copies of each template are created ahead of demand. To
        /// use a pooled database, a step only renames it
        pool_size: kind::number(0, 100).or("0"),
        /// Odoo's filestore, which has a directory for each database. The template's directory is copied
        /// together with its database
        filestore: kind::path().optional(),
    } };
    let service = table! { reader, "copy_service.", CopySettings::Service {
        /// A service that copies databases, used instead of `copy.url`
        url: kind::web_url(),
        /// The bearer token of the copy service
        token: kind::secret(),
    } };
    let odoo18 = table! { reader, "odoo18.", Odoo18Settings {
        /// The Odoo 18 server that serves the tenants' databases
        url: kind::web_url(),
        /// The login of the administrator in the template, and therefore in each new copy
        login: kind::text(255),
        /// The password of the administrator in the template
        password: kind::secret(),
        /// The address at which Odoo serves a tenant. Each copy stores it as `web.base.url`, and Odoo does not
        /// change it. `{slug}` and `{database}` stand for the values of the tenant
        tenant_url: kind::tenant_url().optional(),
    } };
    let odoo19 = table! { reader, "odoo19.", Odoo19Settings {
        /// The Odoo 19 server with the tenant registry
        url: kind::web_url(),
        /// The name of the Odoo 19 database
        database: kind::text(255),
        /// The login of the Odoo 19 user
        login: kind::text(255),
        /// The API key of the Odoo 19 user
        key: kind::secret(),
        /// The beginning of each tenant's `business_base_url`; the slug follows
        business_base_url: kind::web_url(),
        /// The value of the tenant's selection field `plan` for each plan. A plan without a value gets
        /// `starter`
        plan_map: kind::pairs().optional(),
        /// The value of the owner's selection field `role`
        owner_role: kind::text(64).or("admin"),
    } };
    let bridge = table! { reader, "bridge.", BridgeSettings {
        /// The metadata bridge
        url: kind::web_url(),
        /// The bearer token of the metadata bridge
        token: kind::secret(),
    } };
    let about = "Hosts that connectors may call in addition to the hosts of their own settings";
    let allowed_hosts = reader.read("allowed_hosts", about, kind::hosts().optional()).unwrap_or_default();
    let (by_postgres, by_service) = (reader.is_given("copy."), reader.is_given("copy_service."));
    if by_postgres && by_service {
        reader.problems.push("copy and copy_service are both configured; keep one".to_owned());
    }
    let blueprints = reader.list("blueprints", vec![Blueprint::standard()], |blueprints| {
        Blueprint::check(blueprints, by_postgres || by_service)
    });
    let copy = postgres.map(CopySettings::Postgres).or(service);
    PipelineSettings { copy, odoo18, odoo19, bridge, blueprints, allowed_hosts }
}
