//! Drops the function with which the earlier system creates tenants.

use sqlx::Connection;

use super::{AdoptionError, source::EarlierDatabase};
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange},
};

/// Drops the function, and nothing else. Waits at most 3 s for the lock of another transaction. The audit entry is
/// committed before the drop, so that a function that is gone has an entry, also if the process is killed in between.
///
/// # Errors
/// [`AdoptionError::Retire`] if the role is not the owner of the function, or something depends on it.
pub(super) async fn retire(engine: &Engine, database: &mut EarlierDatabase) -> Result<(), AdoptionError> {
    let mut transaction = database.connection.begin().await.map_err(AdoptionError::Retire)?;
    let drop = "SET LOCAL lock_timeout = '3s';
         DROP FUNCTION IF EXISTS public.provision_tenant(uuid, text, text, text, text) RESTRICT";
    sqlx::raw_sql(drop).execute(&mut *transaction).await.map_err(AdoptionError::Retire)?;
    record(engine).await?;
    transaction.commit().await.map_err(AdoptionError::Retire)
}

async fn record(engine: &Engine) -> Result<(), Error> {
    let mut transaction = engine.pool().begin().await?;
    let change = AuditedChange {
        action: "earlier_system.retired",
        subject_kind: "earlier_system",
        subject_id: None,
        request_id: None,
        before: None,
        after: None,
    };
    change.record(&mut transaction, &Actor::Operator).await?;
    Ok(transaction.commit().await?)
}
