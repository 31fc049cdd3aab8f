use domain::registry::TenantFilter;
use uuid::Uuid;

use crate::{Engine, Error, page::Limit, prefix_search::search_text, tenants::list_tenants};

/// How many employees a search finds at most.
const MAX_EMPLOYEES: i64 = 20;
/// How many tenants a search finds at most.
const MAX_TENANTS: &str = "20";

/// What a search text names. The search finds the entries about each of them, and those of each actor.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub subjects: Vec<Uuid>,
    pub actors: Vec<Uuid>,
    pub request: Option<Uuid>,
    pub entry: Option<i64>,
}

/// Finds the tenants, employees and accounts that a text names: the first tenants whose name, slug or owner's
/// address starts with the text, the first employees whose name starts with it, and the account with the
/// address. An ID names anything, and a number names an entry.
pub(super) async fn find_targets(engine: &Engine, text: &str) -> Result<Targets, Error> {
    let text = search_text(text);
    if let Ok(id) = Uuid::parse_str(&text) {
        return Ok(Targets { subjects: vec![id], actors: vec![id], request: Some(id), entry: None });
    }
    if let Ok(entry) = text.trim_start_matches('#').parse() {
        return Ok(Targets { entry: Some(entry), ..Targets::default() });
    }
    let tenants = TenantFilter { q: text.clone(), ..TenantFilter::default() };
    let limit = Limit::parse(MAX_TENANTS).unwrap_or_default();
    let tenants = list_tenants(engine, &tenants, limit).await?.tenants.into_iter().map(|tenant| tenant.id);
    let people = find_people(engine, &text.to_lowercase()).await?;
    Ok(Targets {
        subjects: tenants.chain(people.iter().copied()).collect(),
        actors: people,
        ..Targets::default()
    })
}

/// The IDs of employees and accounts.
async fn find_people(engine: &Engine, prefix: &str) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM (
             (SELECT id FROM employees WHERE starts_with(lower(name), $1) ORDER BY lower(name), id LIMIT $2)
             UNION SELECT id FROM users WHERE email_canonical = $1
             UNION SELECT employees.id FROM employees JOIN users ON users.id = user_id
             WHERE email_canonical = $1) found"#,
        prefix,
        MAX_EMPLOYEES
    );
    Ok(ids.fetch_all(&engine.pool()).await?)
}
