//! Creating employees and tokens once for each idempotency key.

use domain::{ErrorCode, Role, idempotency_key::IdempotencyKey};
use engine::access::{CreationOutcome, create_token_once, invite_employee_once, revoke_token};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Actor, audited, email, invitee, person, token};
use test_support::{requests::assert_error, test_database::TestDatabase};

fn new_key() -> IdempotencyKey {
    IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_with_one_key_create_one_token_and_reveal_it_once() {
    let db = TestDatabase::new().await;
    let (bob, key) = (person(&db, "bob", Role::Admin).await, new_key());
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let (engine, bob, key) = (db.engine.clone(), bob.clone(), key.clone());
        calls.spawn(async move {
            create_token_once(&engine, &bob.into(), token("ci", Role::Admin), &key).await.unwrap()
        });
    }
    let (mut created, mut replayed) = (Vec::new(), Vec::new());
    for outcome in calls.join_all().await {
        match outcome {
            CreationOutcome::Created(issued) => created.push(issued.id),
            CreationOutcome::Replayed(former) => replayed.push((former.id, former.name, former.role)),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!(replayed, vec![(created[0], "ci".to_owned(), Role::Admin); 7]);
    assert_eq!(db.number("SELECT count(*) FROM admin_tokens").await, 1);
    assert_eq!(audited(&db).await.len(), 2);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_key_belongs_to_one_call_of_the_installation() {
    let db = TestDatabase::new().await;
    let (ada, eve) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "eve", Role::SuperAdmin).await);
    let (ada, eve): (Actor, Actor) = (ada.into(), eve.into());
    let (key, address) = (new_key(), email("bob@example.com"));
    let invite = async |actor: &Actor, name: &str, role: Role| {
        invite_employee_once(&db.engine, actor, invitee(name, &address, role), &key).await
    };
    let Ok(CreationOutcome::Created(invited)) = invite(&ada, "Bob", Role::Admin).await else {
        panic!("the first call creates the employee")
    };
    // Another admin receives the same employee, without the link.
    let Ok(CreationOutcome::Replayed(employee)) = invite(&eve, "Bob", Role::Admin).await else {
        panic!("a repeated call returns the employee")
    };
    assert_eq!(employee, invited.employee);
    for (name, role) in [("Bobby", Role::Admin), ("Bob", Role::Viewer)] {
        assert_error(invite(&ada, name, role).await, ErrorCode::IdempotencyKeyReused);
    }
    let other = create_token_once(&db.engine, &ada, token("Bob", Role::Admin), &key).await;
    assert_error(other, ErrorCode::IdempotencyKeyReused);
    let viewer = person(&db, "vic", Role::Viewer).await.into();
    assert_error(invite(&viewer, "Bob", Role::Admin).await, ErrorCode::Forbidden);
    assert_eq!(db.number("SELECT count(*) FROM employees WHERE name = 'Bob'").await, 1);
}

#[tokio::test]
async fn a_replay_succeeds_at_the_limit_of_tokens_and_creates_no_token_after_a_revocation() {
    let db = TestDatabase::new().await;
    let (bob, key): (Actor, _) = (person(&db, "bob", Role::Viewer).await.into(), new_key());
    let create = async |key: &IdempotencyKey| {
        create_token_once(&db.engine, &bob, token("ci", Role::Viewer), key).await
    };
    let Ok(CreationOutcome::Created(issued)) = create(&key).await else { panic!("a new token") };
    for _ in 1..20 {
        create(&new_key()).await.unwrap();
    }
    assert_error(create(&new_key()).await, ErrorCode::InvalidTransition);
    for _ in 0..2 {
        let Ok(CreationOutcome::Replayed(former)) = create(&key).await else { panic!("the first token") };
        assert_eq!(former.id, issued.id);
        revoke_token(&db.engine, &bob, issued.id).await.unwrap();
    }
}
