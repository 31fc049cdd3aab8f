//! The history: filters, search, pages, details.

use std::collections::BTreeSet;

use domain::{ErrorCode, RequestStatus, StepState, history::HistoryFilter};
use engine::{
    access::Principal,
    provisioning::{find_request, list_requests},
};
use uuid::Uuid;

use crate::support::{TestDatabase, created, draft, order, refused, with_draft};

/// Puts `count` failed requests on record; every third shares its moment with its neighbours.
async fn fill(db: &TestDatabase, by: &Principal, count: i32) {
    sqlx::query(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name, owner_email, code, created_at, finished_at)
         SELECT gen_random_uuid(), $1, gen_random_uuid(), 'failed', '{}', 'filler-' || n, 'Filler ' || n, 'f@example.com', 'TIMEOUT',
                now() - make_interval(secs => n / 3), now()
         FROM generate_series(1, $2) AS n",
    )
    .bind(by.employee_id)
    .bind(count)
    .execute(&db.pool)
    .await
    .unwrap();
}

async fn found(db: &TestDatabase, filter: HistoryFilter) -> Vec<String> {
    let page = list_requests(&db.engine, &filter).await.unwrap();
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
        let page = list_requests(&db.engine, &filter).await.unwrap();
        sizes.push(page.requests.len());
        assert!(page.requests.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at));
        seen.extend(page.requests.into_iter().map(|request| request.id));
        created(db.provision(&admin, &order(draft(&format!("new-{}", sizes.len())))).await);
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
async fn filters_narrow_the_list_and_nonsense_finds_nothing() {
    let db = TestDatabase::new().await;
    let (one, other) = (db.admin().await, db.admin().await);
    created(db.provision(&one, &order(draft("golden-spoon"))).await);
    created(db.provision(&other, &order(draft("silver-spoon"))).await);
    refused(db.provision(&other, &order(draft("-bad"))).await, ErrorCode::InvalidSlug);
    db.run("UPDATE provisioning_requests SET created_at = created_at - interval '10 days' WHERE slug = 'golden-spoon'").await;

    let all = HistoryFilter::default;
    let cases: [(HistoryFilter, &[&str]); 10] = [
        (all(), &["-bad", "golden-spoon", "silver-spoon"]),
        (HistoryFilter { status: "completed".into(), ..all() }, &["golden-spoon", "silver-spoon"]),
        (HistoryFilter { status: "failed".into(), ..all() }, &["-bad"]),
        (HistoryFilter { code: "INVALID_SLUG".into(), ..all() }, &["-bad"]),
        (HistoryFilter { admin: other.employee_id.to_string(), ..all() }, &["-bad", "silver-spoon"]),
        (HistoryFilter { days: "7".into(), ..all() }, &["-bad", "silver-spoon"]),
        (
            HistoryFilter { status: "completed".into(), admin: other.employee_id.to_string(), ..all() },
            &["silver-spoon"],
        ),
        (HistoryFilter { status: "nonsense".into(), ..all() }, &[]),
        (HistoryFilter { code: "nonsense".into(), ..all() }, &[]),
        (HistoryFilter { admin: "nonsense".into(), ..all() }, &[]),
    ];
    for (filter, slugs) in cases {
        assert_eq!(found(&db, filter.clone()).await, slugs, "{filter:?}");
    }
    let admins = list_requests(&db.engine, &all()).await.unwrap().admins;
    assert_eq!(admins.len(), 2);
}

#[tokio::test]
async fn search_finds_slug_name_address_code_id_and_key() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let wanted = order(draft("golden-spoon"));
    let made = created(db.provision(&admin, &wanted).await);
    created(db.provision(&admin, &order(draft("silver-spoon"))).await);

    let hits = [
        "golden-spoon".to_owned(),
        "Gold".into(),
        "the GOLDEN".into(),
        "olive@golden".into(),
        " ten-00000001 ".into(),
        made.request_id.to_string(),
        wanted.key.uuid().to_string().to_uppercase(),
    ];
    for q in hits {
        assert_eq!(
            found(&db, HistoryFilter { q: q.clone(), ..HistoryFilter::default() }).await,
            ["golden-spoon"],
            "{q}"
        );
    }
    for q in ["spoon", "%", "_", "g%", "\0", "'", "\\", "TEN-0000000", &"x".repeat(10_000)] {
        let slugs = found(&db, HistoryFilter { q: q.into(), ..HistoryFilter::default() }).await;
        assert!(slugs.is_empty() || q == "\0", "{q}: {slugs:?}");
    }
}

#[tokio::test]
async fn a_place_or_a_number_of_days_that_means_nothing_finds_nothing_and_never_fails() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    fill(&db, &admin, 3).await;
    let id = Uuid::new_v4().simple();
    let numbers = [i64::MIN, -1, 253_402_300_800_000_000, i64::MAX - 1, i64::MAX];
    let mut places = numbers.map(|number| format!("{number}.{id}")).to_vec();
    places.extend(
        [
            "nonsense",
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
    places.push("9".repeat(10_000));
    for after in places {
        let filter = HistoryFilter { after: after.clone(), ..HistoryFilter::default() };
        assert!(found(&db, filter.clone()).await.is_empty(), "{after}");
        assert!(found(&db, HistoryFilter { q: "filler".into(), ..filter }).await.is_empty(), "{after}");
    }
    for days in
        ["0", "-1", "367", "2147483647", "2147483648", "-2147483648", "7.5", "7 days", " 7", "NaN", "\0", "١"]
    {
        let filter = HistoryFilter { days: days.into(), ..HistoryFilter::default() };
        assert!(found(&db, filter).await.is_empty(), "{days}");
    }
    // The last moment that a place may name, and the most days.
    let last = format!("253402300799999999.{id}");
    let filter = HistoryFilter { after: last, days: "366".into(), ..HistoryFilter::default() };
    assert_eq!(found(&db, filter).await.len(), 3);
}

#[tokio::test]
async fn the_details_of_a_request_tell_everything_but_secrets() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = order(draft("-bad"));
    refused(db.provision(&admin, &first).await, ErrorCode::InvalidSlug);
    let made = created(db.provision(&admin, &with_draft(&first, draft("golden-spoon"))).await);

    let detail = find_request(&db.engine, made.request_id).await.unwrap();
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
    assert!(!text.contains(made.secret_key.as_deref().unwrap()) && !text.contains("/invitation/"));
    assert_eq!(detail.outcome, Some(made.replayed()));

    refused(find_request(&db.engine, Uuid::new_v4()).await, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn a_change_is_announced_in_this_process() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut changes = db.engine.changes();
    let made = created(db.provision(&admin, &order(draft("golden-spoon"))).await);
    assert_eq!(changes.recv().await.unwrap(), made.request_id);
    let problem = db.provision(&admin, &order(draft("golden-spoon"))).await.unwrap_err().problem();
    assert_eq!(Some(changes.recv().await.unwrap()), problem.request_id);
}
