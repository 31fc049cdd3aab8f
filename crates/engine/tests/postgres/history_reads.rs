//! How many rows of a long history a page reads.

use domain::{RequestStatus, history::HistoryFilter};
use engine::{
    access::Employee,
    page::Limit,
    provisioning::{list_requests, rollback},
};

use crate::row_reads::count_row_reads;
use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};

/// Inserts `count` requests, one every minute, the newest one `age` minutes ago.
async fn fill(db: &TestDatabase, by: &Employee, status: RequestStatus, slug: &str, age: u32, count: u32) {
    db.run(&format!(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name, owner_email,
             code, created_at, finished_at)
         SELECT gen_random_uuid(), '{}', gen_random_uuid(), '{status}', '{{}}', '{slug}-' || {age} + n, 'The ' || n,
             '{slug}@example.com', 'TIMEOUT', now() - ({age} + n) * interval '1 min', now()
         FROM generate_series(0, {count} - 1) n",
        by.id
    ))
    .await;
}

/// Returns the slugs of the first page, and how many rows were read from the table.
async fn read_page(db: &TestDatabase, filter: HistoryFilter) -> (Vec<String>, i64) {
    let mut slugs = Vec::new();
    let reads = count_row_reads(db, "provisioning_requests", async |engine| {
        let page = list_requests(engine, &filter, Limit::default()).await.unwrap();
        slugs.extend(page.requests.into_iter().map(|request| request.slug));
    })
    .await;
    (slugs, reads)
}

#[tokio::test]
async fn a_search_that_matches_very_many_old_requests_reads_few_rows() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    fill(&db, &admin, RequestStatus::Failed, "other", 1, 20_000).await;
    fill(&db, &admin, RequestStatus::Failed, "golden", 30_000, 20_000).await;
    db.run("VACUUM ANALYZE").await;
    let newest_matches: Vec<String> = (30_000..30_050).map(|n| format!("golden-{n}")).collect();
    for q in ["golden", "g", "golden@"] {
        let (slugs, reads) = read_page(&db, HistoryFilter { q: q.into(), ..HistoryFilter::default() }).await;
        assert_eq!(slugs, newest_matches, "{q}");
        assert!(reads < 2_500, "{q}: {reads}");
    }
    // The newest requests match.
    let (slugs, reads) =
        read_page(&db, HistoryFilter { q: "other".into(), ..HistoryFilter::default() }).await;
    assert_eq!((slugs.len(), slugs[0].as_str()), (50, "other-1"));
    assert!(reads < 2_500, "{reads}");
}

#[tokio::test]
async fn a_search_lists_the_newest_matches_first_however_old_they_are() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (slug, age, count) in [
        ("golden", 1, 3),
        ("other", 10, 1_500),
        ("golden", 2_000, 40),
        ("other", 3_000, 10),
        ("golden", 4_000, 40),
    ] {
        fill(&db, &admin, RequestStatus::Failed, slug, age, count).await;
    }
    let expected: Vec<String> =
        (1..4).chain(2_000..2_040).chain(4_000..4_040).map(|n| format!("golden-{n}")).collect();
    let mut filter = HistoryFilter { q: "golden".into(), ..HistoryFilter::default() };
    let first = list_requests(&db.engine, &filter, Limit::default()).await.unwrap();
    filter.after = first.next.unwrap();
    let second = list_requests(&db.engine, &filter, Limit::default()).await.unwrap();
    let slugs = first.requests.into_iter().chain(second.requests).map(|request| request.slug);
    assert_eq!(slugs.collect::<Vec<_>>(), expected);
    assert_eq!(second.next, None);
    filter = HistoryFilter { admin: admin.id.to_string(), after: String::new(), ..filter };
    assert_eq!(
        list_requests(&db.engine, &filter, Limit::default()).await.unwrap().requests[0].slug,
        "golden-1"
    );
}

#[tokio::test]
async fn filters_by_admin_and_status_read_few_rows_even_if_each_matches_very_many() {
    let db = TestDatabase::new().await;
    let (one, other) = (db.admin().await, db.admin().await);
    fill(&db, &one, RequestStatus::RolledBack, "one", 10, 20_000).await;
    fill(&db, &other, RequestStatus::Failed, "other", 10, 20_000).await;
    fill(&db, &one, RequestStatus::Failed, "rare", 40_000, 2).await;
    fill(&db, &one, RequestStatus::Failed, "new", 1, 2).await;
    db.run("VACUUM ANALYZE").await;
    let by_one = HistoryFilter { admin: one.id.to_string(), ..HistoryFilter::default() };
    let failed = HistoryFilter { status: "failed".into(), ..by_one.clone() };
    let (slugs, reads) = read_page(&db, failed).await;
    assert_eq!(slugs, ["new-1", "new-2", "rare-40000", "rare-40001"]);
    assert!(reads < 100, "{reads}");

    let (slugs, reads) = read_page(&db, by_one).await;
    assert_eq!((slugs.len(), &slugs[..3]), (50, &["new-1".into(), "new-2".into(), "one-10".into()][..]));
    assert!(reads < 300, "{reads}");

    let third = db.admin().await;
    let by_third =
        HistoryFilter { admin: third.id.to_string(), code: "TIMEOUT".into(), ..HistoryFilter::default() };
    let (slugs, reads) = read_page(&db, by_third).await;
    assert!(slugs.is_empty() && reads < 100, "{slugs:?} {reads}");
}

#[tokio::test]
async fn a_search_finds_the_code_of_an_existing_and_of_a_rolled_back_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (slug, code) in [("golden-spoon", "TEN-00000001"), ("silver-spoon", "TEN-00000002")] {
        let provisioned = assert_created(db.provision(&admin, &provision_request(draft(slug))).await);
        if slug == "silver-spoon" {
            rollback(&db.engine, provisioned.request_id, None, "a mistake", true).await.unwrap();
        }
        let filter = HistoryFilter { q: code.into(), ..HistoryFilter::default() };
        let page = list_requests(&db.engine, &filter, Limit::default()).await.unwrap();
        assert_eq!(page.requests.iter().map(|request| request.slug.as_str()).collect::<Vec<_>>(), [slug]);
    }
}
