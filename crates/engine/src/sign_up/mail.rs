use database::Transaction;
use domain::{Timestamp, email::Email, mail::MailContent, sign_up::VerifiedSignUp};
use secrecy::SecretString;
use uuid::Uuid;

use super::tenant::SignUpTenant;
use crate::{
    Engine, Error,
    mail::{NewMessage, enqueue, seal_token},
};

/// The person who signs up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipient<'a> {
    pub name: &'a str,
    pub email: &'a Email,
    pub company: &'a str,
}

/// The link of a sign-up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub token: &'a SecretString,
    pub expires_at: Timestamp,
}

/// Enqueues the mail with the link or, if the address has an account, a mail without the link. Does the same
/// work for both: it encrypts the token also if the mail does not contain it.
pub(super) async fn send_link(
    transaction: &mut Transaction,
    engine: &Engine,
    recipient: Recipient<'_>,
    Link { token, expires_at }: Link<'_>,
    has_account: bool,
    origin: &str,
) -> Result<(), Error> {
    let company = recipient.company.to_owned();
    let (content, token) = if has_account {
        seal_token(engine, Uuid::now_v7(), token)?;
        (MailContent::SignUpExistingAccount { company }, None)
    } else {
        (MailContent::SignUpVerification { company, expires_at }, Some(token))
    };
    let message = NewMessage {
        to_name: recipient.name,
        to_address: recipient.email.address(),
        tenant_id: None,
        user_id: None,
        content,
        token,
        origin,
    };
    enqueue(transaction, engine, message).await?;
    Ok(())
}

/// Enqueues the mail that welcomes the owner when the tenant is active.
pub(super) async fn welcome(
    transaction: &mut Transaction,
    engine: &Engine,
    tenant: &SignUpTenant,
    owner: &VerifiedSignUp,
    origin: &str,
) -> Result<(), Error> {
    let message = NewMessage {
        to_name: &owner.name,
        to_address: &owner.email,
        tenant_id: Some(tenant.id),
        user_id: Some(tenant.owner_id),
        content: MailContent::Welcome { tenant_name: tenant.name.clone() },
        token: None,
        origin,
    };
    enqueue(transaction, engine, message).await?;
    Ok(())
}
