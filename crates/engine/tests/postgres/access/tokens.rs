//! Creating, listing and revoking admin tokens.

use domain::{
    ErrorCode, Role,
    access::{MAX_ACTIVE_TOKENS, TokenStatus},
};
use engine::{
    access::{Employee, IssuedToken, NewToken, create_token, find_token, list_tokens, revoke_token},
    page::PageRequest,
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{Actor, audited, person, token};
use test_support::{requests::assert_error, test_database::TestDatabase};

async fn create(db: &TestDatabase, actor: &Employee, name: &str, role: Role) -> IssuedToken {
    create_token(&db.engine, &actor.clone().into(), token(name, role)).await.unwrap()
}

/// The service employee of a token. `None` if the token no longer works.
async fn service(db: &TestDatabase, issued: &IssuedToken) -> Option<Employee> {
    find_token(&db.engine, issued.token.expose_secret()).await.unwrap()
}

/// The names of the tokens that an actor sees, in alphabetical order.
async fn names(db: &TestDatabase, actor: &Actor) -> Vec<String> {
    let page = list_tokens(&db.engine, actor, PageRequest::default()).await.unwrap();
    let mut names: Vec<_> = page.rows.into_iter().map(|token| token.name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn nobody_creates_a_token_with_a_higher_role_than_their_own() {
    let db = TestDatabase::new().await;
    let roles = [Role::SuperAdmin, Role::Admin, Role::Viewer];
    for (own, allowed) in
        [(Role::SuperAdmin, &roles[..]), (Role::Admin, &roles[1..]), (Role::Viewer, &roles[2..])]
    {
        let actor = db.employee(own).await;
        for role in roles {
            let created = create_token(&db.engine, &actor.clone().into(), token("ci", role)).await;
            match allowed.contains(&role) {
                true => assert_eq!(service(&db, &created.unwrap()).await.unwrap().role, role),
                false => drop(assert_error(created, ErrorCode::Forbidden)),
            }
        }
    }
}

#[tokio::test]
async fn an_employee_sees_and_revokes_only_their_own_tokens() {
    let db = TestDatabase::new().await;
    let ada = person(&db, "ada", Role::SuperAdmin).await;
    let (bob, eve) = (person(&db, "bob", Role::Admin).await, person(&db, "eve", Role::Viewer).await);
    let bob_token = create(&db, &bob, "of bob", Role::Admin).await;
    let eve_token = create(&db, &eve, "of eve", Role::Viewer).await;
    let script = service(&db, &bob_token).await.unwrap();
    create(&db, &script, "of the script", Role::Viewer).await;

    assert_eq!(names(&db, &ada.clone().into()).await, ["of bob", "of eve", "of the script"]);
    assert_eq!(names(&db, &Actor::Operator).await, ["of bob", "of eve", "of the script"]);
    assert_eq!(names(&db, &bob.clone().into()).await, ["of bob", "of the script"]);
    assert_eq!(names(&db, &script.into()).await, ["of bob", "of the script"]);
    assert_eq!(names(&db, &eve.clone().into()).await, ["of eve"]);

    for id in [bob_token.id, Uuid::new_v4()] {
        let refused = revoke_token(&db.engine, &eve.clone().into(), id).await;
        assert_error(refused, ErrorCode::ResourceNotFound);
    }
    assert!(service(&db, &bob_token).await.is_some());
    for (actor, issued) in [(bob.into(), &bob_token), (ada.into(), &eve_token)] {
        revoke_token(&db.engine, &actor, issued.id).await.unwrap();
        assert!(service(&db, issued).await.is_none());
    }
}

#[tokio::test]
async fn revoking_a_token_also_revokes_the_tokens_created_with_it() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Admin).await;
    let leaked = create(&db, &bob, "leaked", Role::Admin).await;
    let other = create(&db, &bob, "other", Role::Admin).await;
    let script = service(&db, &leaked).await.unwrap();
    let second = create(&db, &script, "second", Role::Admin).await;
    let second_script = service(&db, &second).await.unwrap();
    let third = create(&db, &second_script, "third", Role::Viewer).await;

    for _ in 0..2 {
        revoke_token(&db.engine, &bob.clone().into(), leaked.id).await.unwrap();
    }
    for issued in [&leaked, &second, &third] {
        assert!(service(&db, issued).await.is_none());
    }
    assert!(service(&db, &other).await.is_some());
    // A call that began before the revocation creates no token after it.
    let late = create_token(&db.engine, &second_script.into(), token("late", Role::Viewer)).await;
    assert_error(late, ErrorCode::Unauthenticated);

    let revoked = audited(&db).await.into_iter().filter(|(action, _)| action == "token.revoked");
    assert_eq!(revoked.collect::<Vec<_>>(), vec![("token.revoked".to_owned(), "bob".to_owned()); 3]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_list_shows_status_creator_and_times_of_a_token() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Admin).await;
    let expired = create(&db, &bob, "expired", Role::Viewer).await;
    db.run("UPDATE admin_tokens SET expires_at = now() - interval '1 second'").await;
    let revoked = create(&db, &bob, "revoked", Role::Viewer).await;
    revoke_token(&db.engine, &bob.into(), revoked.id).await.unwrap();
    let active = create_token(&db.engine, &Actor::Operator, token("active", Role::Admin)).await.unwrap();
    service(&db, &active).await.unwrap();

    let page = list_tokens(&db.engine, &Actor::Operator, PageRequest::default()).await.unwrap();
    let [first, second, third] = page.rows.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.id, first.status, first.role), (active.id, TokenStatus::Active, Role::Admin));
    assert_eq!(first.created_by, None);
    assert!(first.last_used_at.is_some() && first.revoked_at.is_none());
    assert_eq!(first.expires_at, active.expires_at);
    assert_eq!((second.id, second.status), (revoked.id, TokenStatus::Revoked));
    assert_eq!(second.created_by.as_ref().map(|by| by.name.as_str()), Some("bob"));
    assert!(second.last_used_at.is_none() && second.revoked_at.is_some());
    assert_eq!((third.id, third.status), (expired.id, TokenStatus::Expired));
}

#[tokio::test]
async fn a_token_does_not_outlive_the_token_that_created_it() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Admin).await;
    let new = |days| NewToken { name: "ci", role: Role::Admin, days, scopes: None };
    let first = create_token(&db.engine, &bob.into(), new(1)).await.unwrap();
    let script = service(&db, &first).await.unwrap();
    let second = create_token(&db.engine, &script.clone().into(), new(3650)).await.unwrap();
    assert_eq!(second.expires_at, first.expires_at);
}

#[tokio::test]
async fn a_person_has_at_most_20_active_tokens() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    let first = create(&db, &bob, "token 1", Role::Viewer).await;
    let script = service(&db, &first).await.unwrap();
    for number in 2..=MAX_ACTIVE_TOKENS {
        create(&db, &script, &format!("token {number}"), Role::Viewer).await;
    }
    for actor in [bob.clone(), script] {
        let refused = create_token(&db.engine, &actor.into(), token("one more", Role::Viewer)).await;
        let problem = assert_error(refused, ErrorCode::InvalidTransition);
        assert_eq!(problem.errors[0].rule, "too_many_tokens");
    }
    revoke_token(&db.engine, &bob.clone().into(), first.id).await.unwrap();
    create(&db, &bob, "one more", Role::Viewer).await;
}
