//! Twenty concurrent calls: more than the engine's pool has connections, but few enough that no call waits
//! for a connection until the timeout of 5 s on a busy machine.

use std::collections::BTreeSet;

use domain::{ErrorCode, Problem, outcome::Provisioned, slug::Slug};
use engine::{
    access::Employee,
    provisioning::{ProvisionOutcome, ProvisionRequest, check_slug, provision},
};
use tokio::task::JoinSet;

use test_support::{
    requests::{draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

/// The outcomes of concurrent calls.
#[derive(Default)]
struct Outcomes {
    created: Vec<Provisioned>,
    replayed: Vec<Provisioned>,
    refused: Vec<Problem>,
}

async fn provision_concurrently(
    db: &TestDatabase,
    admin: &Employee,
    requests: Vec<ProvisionRequest>,
) -> Outcomes {
    let mut calls = JoinSet::new();
    for request in requests {
        let (engine, admin) = (db.engine.clone(), admin.clone());
        calls.spawn(async move { provision(&engine, &admin, request, ORIGIN).await });
    }
    let mut outcomes = Outcomes::default();
    while let Some(result) = calls.join_next().await {
        match result.unwrap() {
            Ok(ProvisionOutcome::Created(provisioned)) => outcomes.created.push(provisioned),
            Ok(ProvisionOutcome::Replayed(provisioned)) => outcomes.replayed.push(provisioned),
            Err(error) => outcomes.refused.push(error.problem()),
        }
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_calls_with_one_key_create_one_tenant_and_return_its_secret_once() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    let outcomes = provision_concurrently(&db, &admin, vec![request; 20]).await;

    assert_eq!(outcomes.created.len(), 1);
    let first = outcomes.created[0].clone();
    assert!(first.secret_key.is_some());
    let expected = first.replayed();
    assert!(outcomes.replayed.iter().all(|provisioned| *provisioned == expected));
    for problem in &outcomes.refused {
        assert_eq!(problem.code, ErrorCode::RequestInProgress);
        assert_eq!(problem.retry_after_seconds(), Some(1));
    }
    assert_eq!(outcomes.created.len() + outcomes.replayed.len() + outcomes.refused.len(), 20);
    db.assert_complete_tenants(1).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_calls_for_one_slug_create_one_tenant_and_suggest_available_slugs() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let requests = (0..20).map(|n| {
        provision_request(domain::provisioning::Draft {
            owner_email: format!("owner{n}@example.com"),
            ..draft("golden-spoon")
        })
    });
    let outcomes = provision_concurrently(&db, &admin, requests.collect()).await;

    let [created] = outcomes.created.as_slice() else { panic!("{} tenants", outcomes.created.len()) };
    assert_eq!(outcomes.refused.len(), 19);
    for problem in &outcomes.refused {
        assert_eq!(problem.code, ErrorCode::DuplicateSlug);
        assert_eq!(problem.subject.as_deref(), Some("golden-spoon"));
        assert_eq!(problem.conflict.as_ref().map(|c| c.code.as_str()), Some(created.tenant.code.as_str()));
        assert_eq!(problem.suggestions.len(), 3);
        assert_eq!(problem.suggestions[0].as_str(), "golden-spoon-2");
    }
    let suggestions: BTreeSet<Slug> =
        outcomes.refused.into_iter().flat_map(|problem| problem.suggestions).collect();
    for slug in suggestions {
        assert!(check_slug(&db.engine, &slug, None).await.unwrap().available, "{slug}");
    }
    db.assert_complete_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_calls_for_one_email_in_different_case_create_one_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let in_mixed_case = |n: usize| -> String {
        "olive.owner@example.com"
            .chars()
            .enumerate()
            .map(|(i, c)| if n >> (i % 6) & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect()
    };
    let requests = (0..20).map(|n| {
        provision_request(domain::provisioning::Draft {
            owner_email: in_mixed_case(n),
            ..draft(&format!("tenant-{n}"))
        })
    });
    let outcomes = provision_concurrently(&db, &admin, requests.collect()).await;

    let [created] = outcomes.created.as_slice() else { panic!("{} tenants", outcomes.created.len()) };
    assert_eq!(outcomes.refused.len(), 19);
    for problem in &outcomes.refused {
        assert_eq!(problem.code, ErrorCode::EmailUnavailable);
        assert_eq!(problem.email_reason, Some(domain::error::EmailReason::OwnsTenant));
        assert_eq!(problem.conflict.as_ref().map(|c| c.code.as_str()), Some(created.tenant.code.as_str()));
    }
    db.assert_complete_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_different_requests_create_twenty_tenants() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let outcomes = provision_concurrently(
        &db,
        &admin,
        (0..20).map(|n| provision_request(draft(&format!("tenant-{n}")))).collect(),
    )
    .await;
    assert_eq!(outcomes.created.len(), 20);
    let codes: BTreeSet<_> =
        outcomes.created.iter().map(|provisioned| provisioned.tenant.code.clone()).collect();
    assert_eq!(codes.len(), 20);
    db.assert_complete_tenants(20).await;
}
