use crate::{
    Engine, Error,
    access::{INVITATION, begin_attempt},
    tenants::scope::TenantCaller,
};

/// Counts a call of a member that sends an invitation, so that nobody can send many messages to an address.
/// Repeated calls count too. `recipient` is the canonical address or the ID of the account. Employees are not
/// limited.
///
/// # Errors
/// `RATE_LIMITED`; the database's error.
pub(in crate::tenants) async fn limit_invitations(
    engine: &Engine,
    by: &TenantCaller,
    recipient: &str,
) -> Result<(), Error> {
    if let TenantCaller::Member { account, .. } = by {
        begin_attempt(engine, &INVITATION, recipient, &account.id.to_string()).await?;
    }
    Ok(())
}
