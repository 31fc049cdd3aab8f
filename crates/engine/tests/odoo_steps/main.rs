//! The four Odoo steps against a real Odoo 19. This server serves the tenants' copies of the template, in the
//! role of Odoo 18 (the JSON-RPC interface is the same), and the database with the tenant registry. If Odoo
//! cannot be installed, these tests print a notice and pass, unless `TENANTRY_REQUIRE_ODOO` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admin;
mod fixture;
mod server;
mod tenants;
mod users;
mod without_json2;
