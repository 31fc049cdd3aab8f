//! Databases that are copied from templates, in a PostgreSQL server of the tenants.

mod files;
mod pool;
mod server;

pub(super) use files::Files;
pub use pool::refill_pool;
pub(super) use pool::take;
pub(super) use server::{CopyServer, drop_database, mark_of, publish};
