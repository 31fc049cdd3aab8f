//! Copies of template databases on the PostgreSQL server of the tenants.

mod access;
mod database_options;
mod filestore;
mod identity;
mod pool;
mod server;
mod sql;

use domain::{jobs::StepFailure, pipeline::Blueprint};

pub use self::pool::refill_pool;
pub(crate) use self::{
    access::{Access, read_access, set_access},
    filestore::Filestore,
    pool::take_pooled_database,
    server::{CopyServer, drop_database, publish, read_mark},
};

/// Returns the template that a blueprint copies.
///
/// # Errors
/// A permanent failure if the blueprint is not configured or has no template.
pub(crate) fn template_of<'a>(blueprints: &'a [Blueprint], name: &str) -> Result<&'a str, StepFailure> {
    let blueprint = blueprints.iter().find(|blueprint| blueprint.name == name).ok_or_else(|| {
        StepFailure::permanent(format!("the blueprint {name} is not configured on this worker"))
    })?;
    let template = blueprint.template.as_deref();
    template.ok_or_else(|| StepFailure::permanent(format!("the blueprint {name} has no template")))
}
