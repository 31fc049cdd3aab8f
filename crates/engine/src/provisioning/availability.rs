use domain::{
    availability::{EmailAvailability, SlugAvailability},
    email::Email,
    error::{Conflict, EmailReason},
    lifecycle::restorable_until,
    slug::Slug,
    suggestions::{numbered_slug, suggestions},
};

use sqlx::PgExecutor;

use crate::{Engine, Error};

/// How many alternatives with a random number are added, for slugs whose best alternatives are all taken.
const RANDOM_SUGGESTIONS: usize = 6;
/// The range of these random numbers.
const RANDOM_NUMBERS: std::ops::Range<u32> = 100_000..1_000_000;

/// Returns whether a slug is available. If a tenant uses the slug, also of the earlier system, also returns
/// this tenant and available alternatives, which are derived from the slug and from `name`, the name of the organisation.
///
/// # Errors
/// The database's error.
pub async fn check_slug(engine: &Engine, slug: &Slug, name: Option<&str>) -> Result<SlugAvailability, Error> {
    let numbers: [u32; RANDOM_SUGGESTIONS] = std::array::from_fn(|_| rand::random_range(RANDOM_NUMBERS));
    let random = numbers.into_iter().filter_map(|number| numbered_slug(slug, number));
    let candidates: Vec<String> =
        suggestions(slug, name).into_iter().chain(random).map(String::from).collect();
    let row = sqlx::query!(
        r#"SELECT a.available AS "available!", a.conflict_code, a.conflict_name, a.suggestions AS "suggestions!",
             (extract(epoch FROM t.deleted_at) * 1000)::bigint AS "deleted_ms?"
           FROM check_slug_availability($1, $2) a LEFT JOIN tenants t ON t.code = a.conflict_code"#,
        slug.as_str(),
        &candidates
    )
    .fetch_one(&engine.pool())
    .await?;
    // A name without a code is that of a tenant of the earlier system.
    let earlier_tenant = row.conflict_name.clone().filter(|_| row.conflict_code.is_none());
    Ok(SlugAvailability {
        available: row.available,
        earlier_tenant,
        conflict: row.conflict_code.zip(row.conflict_name).map(|(code, name)| Conflict {
            code,
            name,
            restorable_until: row.deleted_ms.map(restorable_until),
        }),
        suggestions: row.suggestions.iter().filter_map(|text| Slug::parse(text).ok()).collect(),
    })
}

/// Returns whether an e-mail address is available for a new owner. For admins only: the result reveals who
/// has an account.
///
/// # Errors
/// The database's error.
pub async fn check_email(engine: &Engine, email: &Email) -> Result<EmailAvailability, Error> {
    check_email_with(&engine.pool(), email).await
}

/// Like [`check_email`], in a transaction of the caller.
pub(crate) async fn check_email_with(
    executor: impl PgExecutor<'_>,
    email: &Email,
) -> Result<EmailAvailability, Error> {
    let row = sqlx::query!(
        r#"SELECT available AS "available!", reason, conflict_code, conflict_name FROM check_owner_email_availability($1)"#,
        email.canonical()
    )
    .fetch_one(executor)
    .await?;
    let reason = row.reason.map(|text| match text.as_str() {
        "is_employee" => EmailReason::IsEmployee,
        "owns_tenant" => EmailReason::OwnsTenant,
        "in_earlier_system" => EmailReason::InEarlierSystem,
        _ => EmailReason::HasAccount,
    });
    let conflict = row.conflict_code.zip(row.conflict_name);
    let conflict = conflict.map(|(code, name)| Conflict { code, name, restorable_until: None });
    Ok(EmailAvailability { available: row.available, reason, conflict })
}
