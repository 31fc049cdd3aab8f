//! The limit of open event streams.

use domain::{Role, access::MAX_EVENT_STREAMS};
use engine::{
    Engine,
    access::{Employee, EventStreamLimit, EventStreamPermit, create_token, find_token},
};
use secrecy::ExposeSecret;

use super::{person, token};
use test_support::{test_database::TestDatabase, wait::wait_for_value};

/// A process of the installation.
struct Process {
    engine: Engine,
    limit: EventStreamLimit,
}

impl Process {
    async fn new(db: &TestDatabase) -> Self {
        Self { engine: db.engine_at(db.options(), 2).await, limit: EventStreamLimit::default() }
    }

    async fn admit(&self, employee: &Employee) -> Option<EventStreamPermit> {
        self.limit.admit(&self.engine, employee.id).await.unwrap()
    }

    async fn wait_for_permit(&self, employee: &Employee) -> EventStreamPermit {
        wait_for_value("a permit", async || self.admit(employee).await).await
    }
}

/// The service of a new token that `creator` creates.
async fn service_of(db: &TestDatabase, creator: &Employee) -> Employee {
    let issued = create_token(&db.engine, &creator.clone().into(), token("ci", Role::Viewer)).await.unwrap();
    find_token(&db.engine, issued.token.expose_secret()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_and_the_persons_tokens_share_8_streams_in_all_processes() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    let script = service_of(&db, &bob).await;
    let nested = service_of(&db, &script).await;
    let (one, two) = (Process::new(&db).await, Process::new(&db).await);
    let users = [(&one, &bob), (&two, &bob), (&one, &script), (&two, &nested)];
    let mut open = Vec::new();
    for (process, employee) in users.into_iter().cycle().take(MAX_EVENT_STREAMS.into()) {
        open.push(process.admit(employee).await.unwrap());
    }
    for (process, employee) in users {
        assert!(process.admit(employee).await.is_none(), "{}", employee.name);
    }
    // Other persons, and the tokens of the operator, have streams of their own.
    let others = [person(&db, "eve", Role::Viewer).await, db.employee(Role::Viewer).await];
    for other in &others {
        assert!(one.admit(other).await.is_some());
    }

    open.pop();
    open.push(one.wait_for_permit(&nested).await);
    assert!(two.admit(&bob).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_streams_of_a_process_end_with_it_and_outlive_a_lost_connection() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    let (one, two) = (Process::new(&db).await, Process::new(&db).await);
    let mut open = Vec::new();
    for _ in 0..MAX_EVENT_STREAMS {
        open.push(one.admit(&bob).await.unwrap());
    }
    db.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    assert!(one.admit(&bob).await.is_none());
    assert!(two.admit(&bob).await.is_none());
    drop((open, one));
    two.wait_for_permit(&bob).await;
}
