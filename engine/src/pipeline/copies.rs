//! Databases that are copied from templates, in a PostgreSQL server of the tenants.

mod files;
mod ready;
mod server;

pub(super) use files::Files;
pub use ready::keep_ready;
pub(super) use ready::take;
pub(super) use server::{CopyServer, drop_database, mark_of, publish};
