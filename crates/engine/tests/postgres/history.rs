//! The history of requests: filters, search, pages and details.

use std::collections::BTreeSet;

use domain::{ErrorCode, RequestStatus, StepState, history::HistoryFilter, provisioning::Draft};
use engine::{
    access::Employee,
    page::Limit,
    provisioning::{find_request, list_requests},
};
use uuid::Uuid;

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request, with_draft},
    test_database::TestDatabase,
};

/// Inserts `count` failed requests. Groups of three requests share one creation time.
async fn fill(db: &TestDatabase, by: &Employee, count: i32) {
    sqlx::query(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name, owner_email, code, created_at, finished_at)
         SELECT gen_random_uuid(), $1, gen_random_uuid(), 'failed', '{}', 'filler-' || n, 'Filler ' || n, 'f@example.com', 'TIMEOUT',
                now() - make_interval(secs => n / 3), now()
         FROM generate_series(1, $2) AS n",
    )
    .bind(by.id)
    .bind(count)
    .execute(&db.pool)
    .await
    .unwrap();
}

async fn found_slugs(db: &TestDatabase, filter: HistoryFilter) -> Vec<String> {
    let page = list_requests(&db.engine, &filter, Limit::default()).await.unwrap();
    let mut slugs: Vec<String> = page.requests.into_iter().map(|request| request.slug).collect();
    slugs.sort();
    slugs
}

#[tokio::test]
async fn pages_are_complete_and_without_duplicates_while_new_requests_arrive() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    fill(&db, &admin, 120).await;
    let expected: BTreeSet<Uuid> = sqlx::query_scalar("SELECT id FROM provisioning_requests")
        .fetch_all(&db.pool)
        .await
        .unwrap()
        .into_iter()
        .collect();

    let mut seen = Vec::new();
    let mut filter = HistoryFilter::default();
    let mut sizes = Vec::new();
    loop {
        let page = list_requests(&db.engine, &filter, Limit::default()).await.unwrap();
        sizes.push(page.requests.len());
        assert!(page.requests.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at));
        seen.extend(page.requests.into_iter().map(|request| request.id));
        assert_created(
            db.provision(&admin, &provision_request(draft(&format!("new-{}", sizes.len())))).await,
        );
        match page.next {
            Some(next) => filter.after = next,
            None => break,
        }
    }
    assert_eq!(sizes, [50, 50, 20]);
    assert_eq!(seen.len(), 120);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn filters_narrow_the_list_and_invalid_filters_find_nothing() {
    let db = TestDatabase::new().await;
    let (one, other) = (db.admin().await, db.admin().await);
    assert_created(db.provision(&one, &provision_request(draft("golden-spoon"))).await);
    assert_created(db.provision(&other, &provision_request(draft("silver-spoon"))).await);
    assert_error(db.provision(&other, &provision_request(draft("-bad"))).await, ErrorCode::InvalidSlug);
    db.run("UPDATE provisioning_requests SET created_at = created_at - interval '10 days' WHERE slug = 'golden-spoon'").await;

    let all = HistoryFilter::default;
    let cases: [(HistoryFilter, &[&str]); 10] = [
        (all(), &["-bad", "golden-spoon", "silver-spoon"]),
        (HistoryFilter { status: "completed".into(), ..all() }, &["golden-spoon", "silver-spoon"]),
        (HistoryFilter { status: "failed".into(), ..all() }, &["-bad"]),
        (HistoryFilter { code: "INVALID_SLUG".into(), ..all() }, &["-bad"]),
        (HistoryFilter { admin: other.id.to_string(), ..all() }, &["-bad", "silver-spoon"]),
        (HistoryFilter { days: "7".into(), ..all() }, &["-bad", "silver-spoon"]),
        (
            HistoryFilter { status: "completed".into(), admin: other.id.to_string(), ..all() },
            &["silver-spoon"],
        ),
        (HistoryFilter { status: "invalid".into(), ..all() }, &[]),
        (HistoryFilter { code: "invalid".into(), ..all() }, &[]),
        (HistoryFilter { admin: "invalid".into(), ..all() }, &[]),
    ];
    for (filter, slugs) in cases {
        assert_eq!(found_slugs(&db, filter.clone()).await, slugs, "{filter:?}");
    }
    let admins = list_requests(&db.engine, &all(), Limit::default()).await.unwrap().admins;
    // The two, and the built-in employees of sign-ups, imports and the adoption.
    assert_eq!(admins.len(), 5);
}

#[tokio::test]
async fn search_matches_slug_name_email_code_id_and_key() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(db.provision(&admin, &request).await);
    assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);

    let hits = [
        "golden-spoon".to_owned(),
        "Gold".into(),
        "the GOLDEN".into(),
        "olive@golden".into(),
        " ten-00000001 ".into(),
        provisioned.request_id.to_string(),
        request.key.uuid().to_string().to_uppercase(),
    ];
    for q in hits {
        assert_eq!(
            found_slugs(&db, HistoryFilter { q: q.clone(), ..HistoryFilter::default() }).await,
            ["golden-spoon"],
            "{q}"
        );
    }
    for q in ["spoon", "%", "_", "g%", "\0", "'", "\\", "TEN-0000000", &"x".repeat(10_000)] {
        let slugs = found_slugs(&db, HistoryFilter { q: q.into(), ..HistoryFilter::default() }).await;
        // NUL is removed from the text, and an empty text finds every request.
        assert!(slugs.is_empty() || q == "\0", "{q}: {slugs:?}");
    }
}

#[tokio::test]
async fn search_finds_created_and_refused_names_however_they_were_typed() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let (composed, decomposed) = ("Café Zürich", "Cafe\u{301} Zu\u{308}rich");
    for (slug, name) in [("one", composed), ("two", decomposed), ("-bad", decomposed)] {
        let draft = Draft { name: name.into(), ..draft(slug) };
        let _ = db.provision(&admin, &provision_request(draft)).await;
    }
    assert_eq!(db.number("SELECT count(*) FROM tenants WHERE name = 'Café Zürich'").await, 2);
    for q in [composed, decomposed] {
        let filter = HistoryFilter { q: q.into(), ..HistoryFilter::default() };
        assert_eq!(found_slugs(&db, filter).await, ["-bad", "one", "two"], "{q:?}");
    }
}

#[tokio::test]
async fn an_invalid_cursor_or_number_of_days_finds_nothing() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    fill(&db, &admin, 3).await;
    let id = Uuid::new_v4().simple();
    let numbers = [i64::MIN, -1, 253_402_300_800_000_000, i64::MAX - 1, i64::MAX];
    let mut cursors = numbers.map(|number| format!("{number}.{id}")).to_vec();
    cursors.extend(
        [
            "invalid",
            ".",
            "1",
            "1.",
            "1.x",
            "1.2.3",
            " ",
            "\0",
            "é.é",
            &format!("9223372036854775808.{id}"),
            &format!("NaN.{id}"),
        ]
        .map(str::to_owned),
    );
    cursors.push("9".repeat(10_000));
    for after in cursors {
        let filter = HistoryFilter { after: after.clone(), ..HistoryFilter::default() };
        assert!(found_slugs(&db, filter.clone()).await.is_empty(), "{after}");
        assert!(found_slugs(&db, HistoryFilter { q: "filler".into(), ..filter }).await.is_empty(), "{after}");
    }
    for days in
        ["0", "-1", "367", "2147483647", "2147483648", "-2147483648", "7.5", "7 days", " 7", "NaN", "\0", "١"]
    {
        let filter = HistoryFilter { days: days.into(), ..HistoryFilter::default() };
        assert!(found_slugs(&db, filter).await.is_empty(), "{days}");
    }
    // The latest time in a cursor, and the largest number of days.
    let last = format!("253402300799999999.{id}");
    let filter = HistoryFilter { after: last, days: "366".into(), ..HistoryFilter::default() };
    assert_eq!(found_slugs(&db, filter).await.len(), 3);
}

#[tokio::test]
async fn the_details_of_a_request_contain_no_secrets() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = provision_request(draft("-bad"));
    assert_error(db.provision(&admin, &first).await, ErrorCode::InvalidSlug);
    let provisioned = assert_created(db.provision(&admin, &with_draft(&first, draft("golden-spoon"))).await);

    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!(detail.summary.status, RequestStatus::Completed);
    assert_eq!(detail.summary.tenant_code.as_deref(), Some("TEN-00000001"));
    assert_eq!(detail.summary.requested_by, "Test ADMIN");
    assert!(detail.summary.elapsed_ms.unwrap() > 0.0);
    assert_eq!(detail.idempotency_key, first.key.uuid().to_string());
    assert_eq!(detail.attempt_log.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(detail.payload["owner"]["email"], "olive@golden-spoon.example.com");
    assert_eq!(detail.steps.len(), 7);
    assert!(detail.steps.iter().all(|step| step.state == StepState::Skipped));
    assert_eq!(detail.audit[0].action, "tenant.provisioned");
    let text = serde_json::to_string(&detail).unwrap();
    assert!(!text.contains(provisioned.secret_key.as_deref().unwrap()) && !text.contains("/invitation/"));
    assert_eq!(detail.outcome, Some(provisioned.replayed()));

    assert_error(find_request(&db.engine, Uuid::new_v4()).await, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn a_change_is_announced_in_this_process() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut changes = db.engine.changes();
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    assert_eq!(changes.recv().await.unwrap(), provisioned.request_id);
    let problem =
        db.provision(&admin, &provision_request(draft("golden-spoon"))).await.unwrap_err().problem();
    assert_eq!(Some(changes.recv().await.unwrap()), problem.request_id);
}
