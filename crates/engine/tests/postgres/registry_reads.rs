//! How many rows of a long registry a page reads.

use domain::registry::TenantFilter;
use engine::{page::Limit, tenants::list_tenants};

use crate::{
    registry::Fill,
    row_reads::{count_entry_reads, count_row_reads},
};
use test_support::test_database::TestDatabase;

/// Returns the slugs of a page, its cursor, and how many rows were read from the table.
async fn read_page(db: &TestDatabase, filter: &TenantFilter) -> (Vec<String>, Option<String>, i64) {
    let mut read = None;
    let reads = count_row_reads(db, "tenants", async |engine| {
        read = Some(list_tenants(engine, filter, Limit::default()).await.unwrap());
    })
    .await;
    let page = read.unwrap();
    (page.tenants.into_iter().map(|tenant| tenant.slug).collect(), page.next, reads)
}

/// A database with 40,000 tenants: the slugs of the older half start with "golden", and nothing else does.
async fn long_registry() -> TestDatabase {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let fill = Fill { step: 1, count: 20_000, ..Fill::default() };
    Fill { slug: "other", name: "Kite", age: 1, ..fill }.insert(&db, &admin).await;
    Fill { slug: "golden", name: "Apple", age: 30_000, ..fill }.insert(&db, &admin).await;
    Fill { slug: "rare", name: "Bread", status: "suspended", age: 90_000, count: 2, ..fill }
        .insert(&db, &admin)
        .await;
    db.run("VACUUM ANALYZE").await;
    db
}

#[tokio::test]
async fn every_page_of_the_registry_reads_few_rows() {
    let db = long_registry().await;
    for (sort, first) in [("created", "other-0"), ("name", "golden-0"), ("status", "other-0")] {
        for (status, plan) in [("", ""), ("active", ""), ("", "pro"), ("active", "lite")] {
            let mut filter = TenantFilter {
                sort: sort.into(),
                status: status.into(),
                plan: plan.into(),
                ..TenantFilter::default()
            };
            let (slugs, next, reads) = read_page(&db, &filter).await;
            assert_eq!(slugs.len(), 50, "{filter:?}");
            assert!(!plan.is_empty() || slugs[0] == first, "{filter:?} {}", slugs[0]);
            assert!(reads < 200, "{filter:?}: {reads}");
            filter.after = next.unwrap();
            let (slugs, _, reads) = read_page(&db, &filter).await;
            assert!(slugs.len() == 50 && reads < 200, "{filter:?}: {reads}");
        }
    }
    let rare = TenantFilter { status: "suspended".into(), ..TenantFilter::default() };
    let (slugs, next, reads) = read_page(&db, &rare).await;
    assert_eq!((slugs, next), (vec!["rare-0".into(), "rare-1".into()], None));
    assert!(reads < 100, "{reads}");
}

#[tokio::test]
async fn a_search_of_the_registry_reads_few_rows_even_if_it_matches_very_many_old_tenants() {
    let db = long_registry().await;
    for sort in ["created", "name", "status"] {
        for (q, found) in [("golden", 50), ("g", 50), ("golden-1@", 1), ("zzz", 0), ("rare", 2)] {
            let filter = TenantFilter { q: q.into(), sort: sort.into(), ..TenantFilter::default() };
            let (slugs, _, reads) = read_page(&db, &filter).await;
            assert_eq!(slugs.len(), found, "{q} by {sort}");
            assert!(reads < 2_500, "{q} by {sort}: {reads}");
        }
    }
    let golden = TenantFilter { q: "golden".into(), ..TenantFilter::default() };
    let expected: Vec<String> = (0..50).map(|n| format!("golden-{n}")).collect();
    assert_eq!(read_page(&db, &golden).await.0, expected);
}

/// The policies of the table must not keep the search from reading an index in its order.
#[tokio::test]
async fn a_search_by_name_with_very_many_matches_reads_the_first_entries_of_its_index() {
    let db = long_registry().await;
    // The first rows by name do not match.
    let filter = TenantFilter { q: "other".into(), sort: "name".into(), ..TenantFilter::default() };
    let reads = count_entry_reads(&db, "tenants_slug_name_idx", async |engine| {
        let page = list_tenants(engine, &filter, Limit::default()).await.unwrap();
        assert_eq!((page.tenants.len(), page.tenants[0].slug.as_str()), (50, "other-0"));
    })
    .await;
    assert!((50..200).contains(&reads), "{reads}");
}
