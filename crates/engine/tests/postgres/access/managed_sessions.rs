//! Listing and ending sessions.

use domain::{ErrorCode, Role, paths::RequestKind};
use engine::{
    access::{end_all_sessions, end_session_by_id, find_session, list_sessions},
    page::PageRequest,
};
use uuid::Uuid;

use super::{Actor, audited, person, session_of};
use test_support::{requests::assert_error, test_database::TestDatabase};

/// The IDs of the sessions that an actor sees, with the names of the employees.
async fn sessions(db: &TestDatabase, actor: &Actor) -> Vec<(String, Uuid)> {
    let page = list_sessions(&db.engine, actor, None, PageRequest::default()).await.unwrap();
    page.rows.into_iter().map(|session| (session.employee.name, session.id)).collect()
}

async fn is_open(db: &TestDatabase, token: &str) -> bool {
    find_session(&db.engine, token, RequestKind::User).await.unwrap().is_some()
}

#[tokio::test]
async fn an_employee_sees_and_ends_only_their_own_sessions() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::Admin).await);
    let (ada_session, bob_session) = (session_of(&db, &ada).await, session_of(&db, &bob).await);
    let (ada, bob) = (Actor::from(ada), Actor::from(bob));
    let all = sessions(&db, &ada).await;
    assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["bob", "ada"]);
    assert_eq!(sessions(&db, &Actor::Operator).await, all);
    assert_eq!(sessions(&db, &bob).await, all[..1]);

    for id in [all[1].1, Uuid::new_v4()] {
        assert_error(end_session_by_id(&db.engine, &bob, id).await, ErrorCode::ResourceNotFound);
    }
    assert!(is_open(&db, &ada_session).await);
    end_session_by_id(&db.engine, &ada, all[0].1).await.unwrap();
    assert!(!is_open(&db, &bob_session).await);
    assert_error(end_session_by_id(&db.engine, &ada, all[0].1).await, ErrorCode::ResourceNotFound);
    end_session_by_id(&db.engine, &ada, all[1].1).await.unwrap();
    assert!(!is_open(&db, &ada_session).await);
    let ended = audited(&db).await.into_iter().filter(|(action, _)| action == "session.ended");
    assert_eq!(ended.collect::<Vec<_>>(), vec![("session.ended".to_owned(), "ada".to_owned()); 2]);
}

#[tokio::test]
async fn only_the_callers_session_is_current_and_the_list_omits_sessions_that_ended() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    session_of(&db, &bob).await;
    db.run("UPDATE sessions SET expires_at = now() + interval '1 second', last_seen_at = now() - interval '31 minutes'").await;
    session_of(&db, &bob).await;
    let current = session_of(&db, &bob).await;
    let page = list_sessions(&db.engine, &bob.into(), Some(&current), PageRequest::default()).await.unwrap();
    assert_eq!(page.rows.iter().map(|session| session.is_current).collect::<Vec<_>>(), [true, false]);
    let session = &page.rows[0];
    let duration = session.expires_at.0 - session.created_at.0;
    assert!((duration - 8 * 3_600_000).abs() <= 1, "{duration}");
}

#[tokio::test]
async fn a_super_admin_ends_all_sessions_of_an_employee() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::Admin).await);
    let tokens = [session_of(&db, &bob).await, session_of(&db, &bob).await];
    let ada_session = session_of(&db, &ada).await;
    let refused = end_all_sessions(&db.engine, &bob.clone().into(), ada.id).await;
    assert_error(refused, ErrorCode::Forbidden);
    assert_eq!(end_all_sessions(&db.engine, &ada.into(), bob.id).await.unwrap(), 2);
    for token in tokens {
        assert!(!is_open(&db, &token).await);
    }
    assert!(is_open(&db, &ada_session).await);
    let unknown = end_all_sessions(&db.engine, &Actor::Operator, Uuid::new_v4()).await;
    assert_error(unknown, ErrorCode::ResourceNotFound);
}
