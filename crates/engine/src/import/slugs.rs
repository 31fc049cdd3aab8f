use std::collections::HashSet;

use domain::{
    slug::{Slug, SlugProblem, slug_from_name},
    suggestions::{numbered_slug, suggestions},
};

use crate::{Engine, Error};

/// The highest number that is tried as a suffix.
const MAX_NUMBER: u32 = 10_000;
/// How many alternatives a query checks.
const BATCH: usize = 64;

/// The slugs of one import, so that two of its folders do not get the same.
#[derive(Debug, Default)]
pub(super) struct Slugs {
    /// The slugs that folders of this import have got.
    assigned: HashSet<String>,
    /// The wanted slugs that tenants have.
    taken: HashSet<String>,
}

impl Slugs {
    /// Reads which of the wanted slugs are taken.
    pub(super) async fn load(engine: &Engine, wanted: &[String]) -> Result<Self, Error> {
        let taken = taken_slugs(engine, wanted).await?;
        Ok(Self { assigned: HashSet::new(), taken })
    }

    /// Assigns a slug: the wanted one, or the first alternative that is available.
    pub(super) async fn assign(&mut self, engine: &Engine, wanted: &Slug, name: &str) -> Result<Slug, Error> {
        let is_free =
            |slug: &Slug| !self.assigned.contains(slug.as_str()) && !self.taken.contains(slug.as_str());
        if is_free(wanted) {
            self.assigned.insert(wanted.to_string());
            return Ok(wanted.clone());
        }
        let numbers = (2..MAX_NUMBER).filter_map(|number| numbered_slug(wanted, number));
        let mut candidates = suggestions(wanted, Some(name)).into_iter().chain(numbers);
        loop {
            let batch: Vec<Slug> = candidates.by_ref().filter(|slug| is_free(slug)).take(BATCH).collect();
            if batch.is_empty() {
                return Err(Error::unexpected("no available slug like", wanted));
            }
            let texts: Vec<String> = batch.iter().map(Slug::to_string).collect();
            let taken = taken_slugs(engine, &texts).await?;
            if let Some(slug) = batch.into_iter().find(|slug| !taken.contains(slug.as_str())) {
                self.assigned.insert(slug.to_string());
                return Ok(slug);
            }
        }
    }

    /// Notes that another program has taken a slug meanwhile.
    pub(super) fn note_taken(&mut self, slug: &str) {
        self.taken.insert(slug.to_owned());
    }
}

/// The slug that is derived from the name of a tenant or, if there is none, from the name of its folder.
///
/// # Errors
/// The problem of the slug from the name, if neither name gives a slug.
pub(super) fn wanted_slug(name: &str, folder: &str) -> Result<Slug, SlugProblem> {
    Slug::parse(&slug_from_name(name))
        .or_else(|problem| Slug::parse(&slug_from_name(folder)).map_err(|_| problem))
}

async fn taken_slugs(engine: &Engine, slugs: &[String]) -> Result<HashSet<String>, Error> {
    let taken = sqlx::query_scalar!(
        r#"SELECT slug AS "slug!" FROM tenants WHERE slug = ANY($1) AND purged_at IS NULL
           UNION ALL SELECT slug FROM tenant_former_slugs WHERE slug = ANY($1)"#,
        slugs
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(taken.into_iter().collect())
}
