//! Fifty at once.

use std::collections::BTreeSet;

use domain::{ErrorCode, Problem, outcome::Provisioned, slug::Slug};
use engine::{
    access::Principal,
    provisioning::{Answer, ProvisionRequest, check_slug, provision},
};
use tokio::task::JoinSet;

use crate::support::{ORIGIN, TestDatabase, draft, order};

/// What the calls came to.
#[derive(Default)]
struct Outcomes {
    created: Vec<Provisioned>,
    replayed: Vec<Provisioned>,
    refused: Vec<Problem>,
}

async fn all_at_once(db: &TestDatabase, admin: &Principal, orders: Vec<ProvisionRequest>) -> Outcomes {
    let mut calls = JoinSet::new();
    for order in orders {
        let (engine, admin) = (db.engine.clone(), admin.clone());
        calls.spawn(async move { provision(&engine, &admin, order, ORIGIN).await });
    }
    let mut outcomes = Outcomes::default();
    while let Some(answer) = calls.join_next().await {
        match answer.unwrap() {
            Ok(Answer::Created(made)) => outcomes.created.push(made),
            Ok(Answer::Replayed(made)) => outcomes.replayed.push(made),
            Err(error) => outcomes.refused.push(error.problem()),
        }
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_with_one_key_make_one_tenant_and_tell_the_secret_once() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let order = order(draft("golden-spoon"));
    let outcomes = all_at_once(&db, &admin, vec![order; 50]).await;

    assert_eq!(outcomes.created.len(), 1);
    let first = outcomes.created[0].clone();
    assert!(first.secret_key.is_some());
    let expected = first.replayed();
    assert!(outcomes.replayed.iter().all(|made| *made == expected));
    for problem in &outcomes.refused {
        assert_eq!(problem.code, ErrorCode::RequestInProgress);
        assert_eq!(problem.retry_after_seconds(), Some(1));
    }
    assert_eq!(outcomes.created.len() + outcomes.replayed.len() + outcomes.refused.len(), 50);
    db.assert_tenants(1).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_for_one_slug_have_one_winner_and_the_others_get_free_slugs() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let orders = (0..50).map(|n| {
        order(domain::provisioning::Draft {
            owner_email: format!("owner{n}@example.com"),
            ..draft("golden-spoon")
        })
    });
    let outcomes = all_at_once(&db, &admin, orders.collect()).await;

    let [winner] = outcomes.created.as_slice() else { panic!("{} winners", outcomes.created.len()) };
    assert_eq!(outcomes.refused.len(), 49);
    for problem in &outcomes.refused {
        assert_eq!(problem.code, ErrorCode::DuplicateSlug);
        assert_eq!(problem.subject.as_deref(), Some("golden-spoon"));
        assert_eq!(problem.conflict.as_ref().map(|c| c.code.as_str()), Some(winner.tenant.code.as_str()));
        assert_eq!(problem.suggestions.len(), 3);
        assert_eq!(problem.suggestions[0].as_str(), "golden-spoon-2");
    }
    let offered: BTreeSet<Slug> =
        outcomes.refused.into_iter().flat_map(|problem| problem.suggestions).collect();
    for slug in offered {
        assert!(check_slug(&db.engine, &slug, None).await.unwrap().available, "{slug}");
    }
    db.assert_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_for_one_address_in_different_case_have_one_winner() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let in_some_case = |n: usize| -> String {
        "olive.owner@example.com"
            .chars()
            .enumerate()
            .map(|(i, c)| if n >> (i % 6) & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect()
    };
    let orders = (0..50).map(|n| {
        order(domain::provisioning::Draft { owner_email: in_some_case(n), ..draft(&format!("tenant-{n}")) })
    });
    let outcomes = all_at_once(&db, &admin, orders.collect()).await;

    let [winner] = outcomes.created.as_slice() else { panic!("{} winners", outcomes.created.len()) };
    assert_eq!(outcomes.refused.len(), 49);
    for problem in &outcomes.refused {
        assert_eq!(problem.code, ErrorCode::EmailUnavailable);
        assert_eq!(problem.email_reason, Some(domain::error::EmailReason::OwnsTenant));
        assert_eq!(problem.conflict.as_ref().map(|c| c.code.as_str()), Some(winner.tenant.code.as_str()));
    }
    db.assert_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_different_orders_make_fifty_tenants() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let outcomes =
        all_at_once(&db, &admin, (0..50).map(|n| order(draft(&format!("tenant-{n}")))).collect()).await;
    assert_eq!(outcomes.created.len(), 50);
    let codes: BTreeSet<_> = outcomes.created.iter().map(|made| made.tenant.code.clone()).collect();
    assert_eq!(codes.len(), 50);
    db.assert_tenants(50).await;
}
