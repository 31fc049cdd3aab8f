//! Drops the function with which the earlier system creates tenants.

use sqlx::Connection;

use super::{AdoptionError, source::EarlierDatabase};
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange},
};

/// Drops the function, and nothing else. Waits at most 3 s for the lock of another transaction. Audited.
///
/// # Errors
/// [`AdoptionError::Retire`] if the role is not the owner of the function, or something depends on it.
pub(super) async fn retire(engine: &Engine, database: &mut EarlierDatabase) -> Result<(), AdoptionError> {
    let dropped = async {
        let mut transaction = database.connection.begin().await?;
        sqlx::raw_sql("SET LOCAL lock_timeout = '3s'").execute(&mut *transaction).await?;
        sqlx::raw_sql(
            "DROP FUNCTION IF EXISTS public.provision_tenant(uuid, text, text, text, text) RESTRICT",
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    };
    dropped.await.map_err(AdoptionError::Retire)?;
    Ok(record(engine).await?)
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
