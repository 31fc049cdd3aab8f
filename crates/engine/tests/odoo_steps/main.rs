//! The four Odoo steps against a real Odoo 19, which replaces Odoo 18 by its JSON-RPC interface: the tenants'
//! copies of the template, and the database with the tenant registry. Where Odoo cannot be installed, these
//! tests print a notice and pass, unless `TENANTRY_DEMAND_ODOO` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admin;
mod fixture;
mod server;
mod tenants;
mod users;
mod without_json2;
