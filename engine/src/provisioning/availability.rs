use domain::{
    error::{Conflict, EmailReason},
    slug::Slug,
    suggestions::suggestions,
};
use serde::{Deserialize, Serialize};

use crate::{Engine, Error};

/// Whether a slug is free; where it is not, who has it and what is free instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlugAvailability {
    pub available: bool,
    pub conflict: Option<Conflict>,
    /// Three free slugs at most, best first.
    pub suggestions: Vec<Slug>,
}

/// Whether an e-mail can be a new owner's, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailAvailability {
    pub available: bool,
    pub reason: Option<EmailReason>,
    pub conflict: Option<Conflict>,
}

/// Asks whether a slug is free; the suggestions are checked in the same query. `name` is the
/// organisation's, where it is known.
///
/// # Errors
/// When the database cannot be asked.
pub async fn check_slug(engine: &Engine, slug: &Slug, name: Option<&str>) -> Result<SlugAvailability, Error> {
    let candidates: Vec<String> = suggestions(slug, name).into_iter().map(String::from).collect();
    let row = sqlx::query!(
        r#"SELECT available AS "available!", conflict_code, conflict_name, suggestions AS "suggestions!" FROM check_slug_availability($1, $2)"#,
        slug.as_str(),
        &candidates
    )
    .fetch_one(&engine.pool)
    .await?;
    Ok(SlugAvailability {
        available: row.available,
        conflict: row.conflict_code.zip(row.conflict_name).map(|(code, name)| Conflict { code, name }),
        suggestions: row.suggestions.iter().filter_map(|text| Slug::parse(text).ok()).collect(),
    })
}

pub(super) async fn free_slugs(engine: &Engine, slug: &Slug, name: Option<&str>) -> Result<Vec<Slug>, Error> {
    Ok(check_slug(engine, slug, name).await?.suggestions)
}

/// Asks whether an e-mail can be a new owner's. For admins only: it tells who has an account.
///
/// # Errors
/// When the database cannot be asked.
pub async fn check_email(engine: &Engine, email: &domain::email::Email) -> Result<EmailAvailability, Error> {
    let row = sqlx::query!(
        r#"SELECT available AS "available!", reason, conflict_code, conflict_name FROM check_owner_email_availability($1)"#,
        email.canonical()
    )
    .fetch_one(&engine.pool)
    .await?;
    let reason = row.reason.map(|text| match text.as_str() {
        "is_employee" => EmailReason::IsEmployee,
        "owns_tenant" => EmailReason::OwnsTenant,
        _ => EmailReason::HasAccount,
    });
    let conflict = row.conflict_code.zip(row.conflict_name).map(|(code, name)| Conflict { code, name });
    Ok(EmailAvailability { available: row.available, reason, conflict })
}
