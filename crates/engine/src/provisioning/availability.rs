use domain::{
    availability::{EmailAvailability, SlugAvailability},
    error::{Conflict, EmailReason},
    slug::Slug,
    suggestions::suggestions,
};

use crate::{Engine, Error};

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
    .fetch_one(&engine.pool())
    .await?;
    Ok(SlugAvailability {
        available: row.available,
        conflict: row.conflict_code.zip(row.conflict_name).map(|(code, name)| Conflict { code, name }),
        suggestions: row.suggestions.iter().filter_map(|text| Slug::parse(text).ok()).collect(),
    })
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
    .fetch_one(&engine.pool())
    .await?;
    let reason = row.reason.map(|text| match text.as_str() {
        "is_employee" => EmailReason::IsEmployee,
        "owns_tenant" => EmailReason::OwnsTenant,
        _ => EmailReason::HasAccount,
    });
    let conflict = row.conflict_code.zip(row.conflict_name).map(|(code, name)| Conflict { code, name });
    Ok(EmailAvailability { available: row.available, reason, conflict })
}
