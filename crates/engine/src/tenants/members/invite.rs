use domain::{
    ErrorCode, FieldProblem, Problem,
    error::EmailReason,
    idempotency_key::IdempotencyKey,
    member::{NewMember, TenantMember},
    paths,
    usage::Metric,
};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::{change::MemberChange, limit::limit_invitations, list::read_members};
use crate::{
    Engine, Error, mail,
    page::PageRequest,
    tenants::{
        invitations::{NewInvitation, send_invitation},
        repeated_call::RepeatedCall,
        scope::TenantCaller,
        usage::read_usage,
    },
};

/// An invited account.
#[derive(Debug)]
pub struct InvitedMember {
    /// The invited account.
    pub member: TenantMember,
    /// The link of the invitation. `None` for a repeated call. Show it to employees only: the link proves that
    /// its bearer reads the mails to the address.
    pub invitation_url: Option<String>,
    /// Whether an earlier call with the same idempotency key sent the invitation.
    pub is_replayed: bool,
}

/// Invites a person to a tenant. The account of the address is created unless it exists. The person joins the
/// tenant with the link of the invitation, which is sent by mail and works once within seven days. `origin` is
/// the start of the link. Audited.
///
/// # Errors
/// See [`MemberChange::begin`]; `FORBIDDEN` if the author may not give the role; `QUOTA_EXCEEDED`;
/// `EMAIL_UNAVAILABLE` for the address of an employee; `DUPLICATE_KEY` for a member or an invited account;
/// `RATE_LIMITED` for a member who sends many invitations; `IDEMPOTENCY_KEY_REUSED`; the database's error.
pub async fn invite_member(
    engine: &Engine,
    by: &TenantCaller,
    new: &NewMember,
    key: Option<&IdempotencyKey>,
    origin: &str,
) -> Result<InvitedMember, Error> {
    let mut change = MemberChange::begin(engine, by).await?;
    change.require_may_manage(new.role)?;
    let body = json!({ "invite": new.email.canonical(), "name": new.name, "role": new.role });
    let call = key.map(|key| RepeatedCall::new(engine, key, &body));
    if let Some(call) = &call
        && let Some(member) = call.find_response(&mut change.transaction, change.tenant.id).await?
    {
        change.transaction.rollback().await?;
        return Ok(InvitedMember { member, invitation_url: None, is_replayed: true });
    }
    require_place(engine, &mut change).await?;
    let user_id = find_or_create_account(&mut change, new).await?;
    limit_invitations(&mut change, user_id).await?;
    sqlx::query!(
        "INSERT INTO memberships (tenant_id, user_id, role, created_at, invited_name, invited_email)
         VALUES ($1, $2, $3, clock_timestamp(), $4, $5)",
        change.tenant.id,
        user_id,
        new.role.as_str(),
        new.name,
        new.email.address()
    )
    .execute(&mut change.transaction)
    .await?;
    let invited_by = change.member_name();
    let invitation = NewInvitation { user_id, invited_by: invited_by.as_deref(), origin };
    let tenant_id = change.tenant.id;
    let (token, _) = send_invitation(&mut change.transaction, engine, tenant_id, invitation).await?;
    let page = read_members(&mut change.transaction, change.tenant.id, Some(user_id), PageRequest::default());
    let member = page.await?.rows.into_iter().next().ok_or(ErrorCode::ResourceNotFound)?;
    if let Some(call) = &call {
        call.store_response(&mut change.transaction, change.tenant.id, &member).await?;
    }
    let after =
        json!({ "userId": user_id, "name": new.name, "email": new.email.address(), "role": new.role });
    change.finish(engine, "member.invited", None, Some(after)).await?;
    mail::wake_worker(engine);
    let invitation_url = Some(format!("{origin}{}", paths::invitation(token.expose_secret())));
    Ok(InvitedMember { member, invitation_url, is_replayed: false })
}

/// Checks that the quota of users has a place. Invited accounts count.
async fn require_place(engine: &Engine, change: &mut MemberChange) -> Result<(), Error> {
    let usages = read_usage(engine, &mut change.transaction, change.tenant.id).await?;
    let users = usages.into_iter().find(|usage| usage.metric == Metric::Users);
    let Some((used, limit)) = users.and_then(|usage| Some((usage.used, usage.limit?))) else {
        return Ok(());
    };
    if used < limit {
        return Ok(());
    }
    let message = format!("{used} of {limit} users are members or invited. Remove one first.");
    let errors = vec![FieldProblem::new("", "quota_exceeded", &message)];
    Err(Problem { errors, ..ErrorCode::QuotaExceeded.into() }.into())
}

/// Returns the account of the address, which is neither a member nor invited.
async fn find_or_create_account(change: &mut MemberChange, new: &NewMember) -> Result<Uuid, Error> {
    let created = sqlx::query_scalar!(
        "INSERT INTO users (id, email, email_canonical, name, created_by_request) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (email_canonical) DO NOTHING RETURNING id",
        Uuid::now_v7(),
        new.email.address(),
        new.email.canonical(),
        new.name,
        change.tenant.request_id
    )
    .fetch_optional(&mut change.transaction)
    .await?;
    if let Some(id) = created {
        return Ok(id);
    }
    let found = sqlx::query!(
        r#"SELECT u.id, EXISTS (SELECT FROM employees e WHERE e.user_id = u.id) AS "is_employee!",
             m.joined_at IS NOT NULL AS "has_joined!", m.user_id IS NOT NULL AS "is_invited!"
           FROM users u LEFT JOIN memberships m ON m.user_id = u.id AND m.tenant_id = $2
           WHERE u.email_canonical = $1 FOR NO KEY UPDATE OF u"#,
        new.email.canonical(),
        change.tenant.id
    )
    .fetch_optional(&mut change.transaction)
    .await?
    // The account was deleted, or got another address, since the insert.
    .ok_or(ErrorCode::SerializationFailure)?;
    match (found.is_employee, found.has_joined, found.is_invited) {
        (true, ..) => Err(unavailable(change, new)),
        (_, true, _) => Err(duplicate("already_member", "This person is a member of the tenant.")),
        (_, _, true) => {
            Err(duplicate("already_invited", "This person is invited. Send the invitation again instead."))
        }
        _ => Ok(found.id),
    }
}

/// The refusal of the address of an employee. Only employees learn the reason.
fn unavailable(change: &MemberChange, new: &NewMember) -> Error {
    let subject = Some(new.email.address().to_owned());
    let problem = Problem { subject, ..ErrorCode::EmailUnavailable.into() };
    match change.is_by_actor() {
        true => Problem { email_reason: Some(EmailReason::IsEmployee), ..problem }.into(),
        false => {
            let message = "This address cannot be invited. Use another one.";
            Problem { errors: vec![FieldProblem::new("email", "unavailable", message)], ..problem }.into()
        }
    }
}

fn duplicate(rule: &str, message: &str) -> Error {
    let errors = vec![FieldProblem::new("email", rule, message)];
    Problem { errors, ..ErrorCode::DuplicateKey.into() }.into()
}
