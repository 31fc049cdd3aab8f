//! Every two changes of one tenant at the same time, from every status: the result is that of the two changes
//! one after the other.

use domain::{
    ErrorCode,
    TenantStatus::{self, Active, Deleted, PendingActivation, SetupIncomplete, Suspended},
    idempotency_key::IdempotencyKey,
};
use engine::{
    Engine, Error,
    access::{Actor, Employee, parse_email},
    provisioning::ProvisionRequest,
    tenants::{
        NewOwner, OwnerAccountChanges, change_owner_account, delete_tenant, restore_tenant, resume_tenant,
        set_owner, suspend_tenant,
    },
};
use serde_json::json;
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};
use uuid::Uuid;

/// The status of a tenant, and its status before the deletion.
type State = (TenantStatus, Option<TenantStatus>);

const STATES: [State; 7] = [
    (PendingActivation, None),
    (SetupIncomplete, None),
    (Active, None),
    (Suspended, None),
    (Deleted, Some(PendingActivation)),
    (Deleted, Some(Active)),
    (Deleted, Some(Suspended)),
];

#[derive(Debug, Clone, Copy)]
enum Change {
    Suspend,
    Resume,
    Delete,
    Restore,
    SetOwner,
    OwnerAccount,
}

const CHANGES: [Change; 6] = [
    Change::Suspend,
    Change::Resume,
    Change::Delete,
    Change::Restore,
    Change::SetOwner,
    Change::OwnerAccount,
];

impl Change {
    /// The state of a tenant after this change. `None` if the change is refused.
    fn after(self, (status, before_deletion): State) -> Option<State> {
        match (self, status) {
            (Self::Suspend, Active) => Some((Suspended, None)),
            (Self::Resume, Suspended) => Some((Active, None)),
            (Self::Restore, Deleted) => Some((before_deletion?, None)),
            (Self::Delete | Self::SetOwner, Deleted) => None,
            // A tenant with one of the first two statuses has no owner.
            (Self::OwnerAccount, PendingActivation | SetupIncomplete | Deleted) => None,
            (Self::Delete, _) => Some((Deleted, Some(status))),
            (Self::SetOwner, PendingActivation | SetupIncomplete) => Some((Active, None)),
            (Self::SetOwner | Self::OwnerAccount, _) => Some((status, None)),
            _ => None,
        }
    }

    async fn run(self, engine: Engine, by: Actor, tenant: String) -> Result<(), Error> {
        let owner = NewOwner {
            name: "Nova Ray".into(),
            email: parse_email(&format!("nova@{tenant}.example.com")).unwrap(),
            use_existing_account: false,
        };
        let email = parse_email(&format!("ray@{tenant}.example.com")).unwrap();
        let changes = OwnerAccountChanges { email: Some(email), name: None };
        match self {
            Self::Suspend => suspend_tenant(&engine, &by, &tenant, "unpaid").await.map(drop),
            Self::Resume => resume_tenant(&engine, &by, &tenant).await.map(drop),
            Self::Delete => delete_tenant(&engine, &by, &tenant, &tenant).await.map(drop),
            Self::Restore => restore_tenant(&engine, &by, &tenant).await.map(drop),
            Self::SetOwner => set_owner(&engine, &by, &tenant, &owner, ORIGIN).await.map(drop),
            Self::OwnerAccount => {
                change_owner_account(&engine, &by, &tenant, &changes, ORIGIN).await.map(drop)
            }
        }
    }
}

/// Whether each of two changes succeeds, and the state after both, if `first` comes first.
fn in_order(start: State, first: Change, second: Change) -> (bool, bool, State) {
    let between = first.after(start);
    let end = second.after(between.unwrap_or(start));
    (between.is_some(), end.is_some(), end.or(between).unwrap_or(start))
}

/// Creates a tenant in a state. The tenants of a database have different slugs.
async fn create_in(db: &TestDatabase, admin: &Employee, slug: &str, (status, before): State) {
    let by = Actor::from(admin.clone());
    let wanted = before.unwrap_or(status);
    if matches!(wanted, PendingActivation | SetupIncomplete) {
        let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
        let request = ProvisionRequest::from_json(key, &json!({ "slug": slug, "name": "Golden Spoon" }));
        assert_created(db.provision(admin, &request).await);
    } else {
        assert_created(db.provision(admin, &provision_request(draft(slug))).await);
    }
    match wanted {
        Suspended => drop(suspend_tenant(&db.engine, &by, slug, "unpaid").await.unwrap()),
        // No call creates such a tenant yet.
        SetupIncomplete => {
            db.run(&format!(
                "ALTER TABLE tenants DISABLE TRIGGER tenants_guard_status;
                 UPDATE tenants SET status = 'setup_incomplete' WHERE slug = '{slug}';
                 ALTER TABLE tenants ENABLE TRIGGER tenants_guard_status"
            ))
            .await;
        }
        _ => {}
    }
    if status == Deleted {
        delete_tenant(&db.engine, &by, slug, slug).await.unwrap();
    }
}

async fn state_of(db: &TestDatabase, slug: &str) -> State {
    let columns = "SELECT status || ' ' || coalesce(status_before_deletion, '') FROM tenants";
    let text = db.text(&format!("{columns} WHERE slug = '{slug}'")).await;
    let (status, before) = text.split_once(' ').unwrap();
    (TenantStatus::from_text(status).unwrap(), TenantStatus::from_text(before))
}

/// Runs two changes, both of which wait for the tenant before either has read it.
async fn run_at_once(
    db: &TestDatabase,
    engines: [&Engine; 2],
    by: &Actor,
    slug: &str,
    changes: [Change; 2],
) -> [Result<(), Error>; 2] {
    let mut holder = db.pool.begin().await.unwrap();
    sqlx::query("SELECT FROM tenants WHERE slug = $1 FOR UPDATE")
        .bind(slug)
        .execute(&mut *holder)
        .await
        .unwrap();
    let start = |index: usize| {
        let call = changes[index].run(engines[index].clone(), by.clone(), slug.to_owned());
        tokio::spawn(call)
    };
    let calls = [start(0), start(1)];
    let waiting = "SELECT count(*) = 2 FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    db.wait_until(waiting).await;
    holder.commit().await.unwrap();
    let [one, two] = calls;
    [one.await.unwrap(), two.await.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_at_once_have_the_result_of_one_after_the_other() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let by = Actor::from(admin.clone());
    // As if each change came to another server.
    let other = db.engine_at(db.options(), 4).await;
    let mut number = 0;
    for start in STATES {
        for (index, one) in CHANGES.into_iter().enumerate() {
            for two in CHANGES.into_iter().skip(index) {
                number += 1;
                let slug = format!("tenant-{number}");
                create_in(&db, &admin, &slug, start).await;
                let results = run_at_once(&db, [&db.engine, &other], &by, &slug, [one, two]).await;
                let [first, second] = [results[0].is_ok(), results[1].is_ok()];
                let end = state_of(&db, &slug).await;
                let (two_succeeds, one_succeeds, state) = in_order(start, two, one);
                assert!(
                    (first, second, end) == in_order(start, one, two)
                        || (first, second, end) == (one_succeeds, two_succeeds, state),
                    "{one:?} and {two:?} of {start:?}: {first} {second} {end:?}"
                );
                for refused in results.into_iter().filter(Result::is_err) {
                    assert_error(refused, ErrorCode::InvalidTransition);
                }
            }
        }
    }
    other.close().await;
    db.assert_invariants().await;
}
