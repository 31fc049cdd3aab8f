//! The four Odoo steps against a real Odoo 19, which stands for Odoo 18 by its JSON-RPC: each tenant's
//! copy of the template, and the one database that lists tenants. Where Odoo cannot be had these tests
//! say so and pass, unless `TENANTRY_DEMAND_ODOO` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admin;
mod case;
mod older;
mod server;
mod tenants;
mod users;
