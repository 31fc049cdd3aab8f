use uuid::Uuid;

use super::change::MemberChange;
use crate::{
    Error,
    access::{INVITATION, count_attempt},
};

/// Counts an invitation that a member sends to an account, so that nobody can send many messages to an address.
/// Employees are not limited.
///
/// # Errors
/// `RATE_LIMITED`; the database's error.
pub(in crate::tenants) async fn limit_invitations(
    change: &mut MemberChange,
    invited: Uuid,
) -> Result<(), Error> {
    let Some(member) = change.account().map(|account| account.id.to_string()) else { return Ok(()) };
    let address = sqlx::query_scalar!("SELECT email_canonical FROM users WHERE id = $1", invited)
        .fetch_one(&mut change.transaction)
        .await?;
    count_attempt(&mut change.transaction, &INVITATION, &address, &member).await
}
