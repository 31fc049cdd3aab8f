//! Adoption of the tenants of the earlier system, and its slugs and addresses while both systems run
//! (`docs/specification.md`, section 4).

mod access;
mod adopting;
mod availability;
mod concurrency;
mod findings;
mod retire;

use engine::adoption::{AdoptionError, AdoptionOptions, AdoptionReport, adopt};
use test_support::{earlier_system::EarlierSystem, test_database::TestDatabase};

/// A database with Tenantry and the earlier system.
async fn both() -> (TestDatabase, EarlierSystem) {
    let db = TestDatabase::new().await;
    let earlier = EarlierSystem::install(db.options()).await;
    (db, earlier)
}

async fn run(db: &TestDatabase, options: AdoptionOptions) -> Result<AdoptionReport, AdoptionError> {
    adopt(&db.engine, &db.url(), &options).await
}

async fn adopt_all(db: &TestDatabase) -> AdoptionReport {
    run(db, AdoptionOptions::default()).await.unwrap()
}

/// Every row of Tenantry, as one text.
async fn content(db: &TestDatabase) -> String {
    db.text(
        "SELECT string_agg(query_to_xml(format('SELECT * FROM tenantry.%I t ORDER BY t::text', relname),
             true, false, '')::text, '' ORDER BY relname) FROM pg_class
         WHERE relnamespace = 'tenantry'::regnamespace AND relkind = 'r'",
    )
    .await
}
