//! Copies of template databases on the PostgreSQL server of the tenants.

mod filestore;
mod pool;
mod server;

pub use self::pool::refill_pool;
pub(crate) use self::{
    filestore::Filestore,
    pool::take_pooled_database,
    server::{CopyServer, drop_database, mark_of, publish},
};
