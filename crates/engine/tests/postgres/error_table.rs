//! The error table: this test triggers each code, or lists the code as tested elsewhere.

use domain::{
    ErrorCode::{self, *},
    Role,
    error::Usage,
    lifecycle::TenantChanges,
    provisioning::Draft,
};
use engine::{
    Engine, Error, MasterKey,
    access::{Actor, Employee, find_invitation, sign_in},
    page::PageRequest,
    provisioning::{find_request, mark_failed, provision, rollback},
    tenants::{
        Precondition, Rotation, TenantCaller, list_keys, revoke_invitation, rotate_key, suspend_tenant,
        update_tenant,
    },
};
use uuid::Uuid;

use test_support::{
    requests::{assert_created, draft, provision_request, with_draft},
    test_database::{ORIGIN, TestDatabase},
};

/// Where a code is tested, if it is tested.
enum Coverage {
    /// Here: a call returned this error.
    Here(Error),
    /// In the tests of the server, because the code arises outside the engine or in workers.
    OverHttp,
    /// Not tested, because no feature uses the code yet, or the code is a former name.
    Untested,
}

/// The database on which all codes are triggered.
struct ErrorFixture {
    db: TestDatabase,
    admin: Employee,
}

impl ErrorFixture {
    /// Makes a provisioning call with a new key. The call must be refused.
    async fn refused(&self, draft: Draft) -> Coverage {
        Coverage::Here(self.db.provision(&self.admin, &provision_request(draft)).await.unwrap_err())
    }

    /// Makes a provisioning call that is refused because an insertion into `table` fails with `sqlstate`.
    async fn insert_fails(&self, table: &str, sqlstate: &str) -> Coverage {
        self.db.set_failing_trigger(table, sqlstate).await;
        let coverage = self.refused(draft("failing")).await;
        self.db.drop_trigger(table).await;
        coverage
    }

    /// Triggers a code. A new code does not compile until it is added here.
    async fn trigger(&self, code: ErrorCode) -> Coverage {
        let Self { db, admin } = self;
        let taken = draft("golden-spoon");
        match code {
            Unauthenticated => Coverage::Here(
                sign_in(&db.engine, "nobody@example.com", "wrong", "192.0.2.1").await.unwrap_err(),
            ),
            Forbidden => {
                let viewer = db.employee(Role::Viewer).await;
                Coverage::Here(db.provision(&viewer, &provision_request(taken)).await.unwrap_err())
            }
            ValidationError => self.refused(Draft::default()).await,
            InvalidSlug => self.refused(Draft { slug: "ab--c".into(), ..taken }).await,
            EmailValidationFailed => self.refused(Draft { owner_email: "nobody".into(), ..taken }).await,
            DuplicateSlug => self.refused(Draft { owner_email: "other@example.com".into(), ..taken }).await,
            EmailUnavailable => self.refused(Draft { slug: "other-slug".into(), ..taken }).await,
            DuplicateRequest => {
                let request = provision_request(draft("rolled-back"));
                let provisioned = assert_created(db.provision(admin, &request).await);
                rollback(&db.engine, provisioned.request_id, None, "a test", true).await.unwrap();
                Coverage::Here(db.provision(admin, &request).await.unwrap_err())
            }
            RequestInProgress => {
                let request = provision_request(draft("running"));
                assert_created(db.provision(admin, &request).await);
                let mut holder = db.pool.begin().await.unwrap();
                sqlx::query("SELECT FROM provisioning_requests FOR UPDATE")
                    .execute(&mut *holder)
                    .await
                    .unwrap();
                let error = db.provision(admin, &request).await.unwrap_err();
                holder.rollback().await.unwrap();
                Coverage::Here(error)
            }
            IdempotencyKeyReused => {
                let request = provision_request(draft("reused"));
                assert_created(db.provision(admin, &request).await);
                Coverage::Here(
                    db.provision(admin, &with_draft(&request, draft("another"))).await.unwrap_err(),
                )
            }
            OwnerCreationFailed => self.insert_fails("users", "XX000").await,
            ConstraintViolation => self.insert_fails("segments", "23514").await,
            ForeignKeyViolation => self.insert_fails("segments", "23503").await,
            DuplicateKey => self.insert_fails("segments", "23505").await,
            SerializationFailure => self.insert_fails("segments", "40001").await,
            Deadlock => self.insert_fails("segments", "40P01").await,
            Timeout => self.insert_fails("segments", "57014").await,
            LockTimeout => self.insert_fails("segments", "55P03").await,
            DatabaseUnavailable => {
                // A closed pool has no connections. `lost_responses` tests a database that is stopped.
                let closed = db.engine_at(db.options(), 1).await;
                closed.close().await;
                Coverage::Here(
                    provision(&closed, admin, provision_request(draft("closed")), ORIGIN).await.unwrap_err(),
                )
            }
            SchemaOutOfDate => {
                let unchecked = Engine::new(db.options(), 1, 1, MasterKey::new([7; 32]));
                Coverage::Here(
                    provision(&unchecked, admin, provision_request(draft("unchecked")), ORIGIN)
                        .await
                        .unwrap_err(),
                )
            }
            RateLimited => {
                for _ in 0..10 {
                    sign_in(&db.engine, "busy@example.com", "wrong", "192.0.2.2").await.unwrap_err();
                }
                Coverage::Here(
                    sign_in(&db.engine, "busy@example.com", "wrong", "192.0.2.2").await.unwrap_err(),
                )
            }
            ResourceNotFound => Coverage::Here(find_request(&db.engine, Uuid::new_v4()).await.unwrap_err()),
            InvalidTransition => {
                let provisioned =
                    assert_created(db.provision(admin, &provision_request(draft("finished"))).await);
                Coverage::Here(
                    mark_failed(&db.engine, provisioned.request_id, Timeout, "too late").await.unwrap_err(),
                )
            }
            ProvisioningFailed => self.insert_fails("segments", "XX000").await,
            TenantNotFound => {
                let by = &Actor::Operator;
                let listed =
                    list_keys(&db.engine, &TenantCaller::actor(by.clone(), "nobody"), PageRequest::default())
                        .await;
                Coverage::Here(listed.unwrap_err())
            }
            KeyReplaced => {
                assert_created(db.provision(admin, &provision_request(draft("replaced"))).await);
                let by = &Actor::Operator;
                let page = list_keys(
                    &db.engine,
                    &TenantCaller::actor(by.clone(), "replaced"),
                    PageRequest::default(),
                )
                .await
                .unwrap();
                let key_id = page.rows.first().map(|key| key.id);
                let rotation = Rotation { key_id, ..Rotation::default() };
                rotate_key(&db.engine, &TenantCaller::actor(Actor::Operator, "replaced"), &rotation)
                    .await
                    .unwrap();
                Coverage::Here(
                    rotate_key(&db.engine, &TenantCaller::actor(Actor::Operator, "replaced"), &rotation)
                        .await
                        .unwrap_err(),
                )
            }
            InvitationAccepted => {
                assert_created(db.provision(admin, &provision_request(draft("accepted"))).await);
                db.run("UPDATE users SET password_hash = 'x' WHERE email LIKE '%accepted%'").await;
                Coverage::Here(
                    revoke_invitation(&db.engine, &TenantCaller::actor(Actor::Operator, "accepted"), None)
                        .await
                        .unwrap_err(),
                )
            }
            TenantSuspended => {
                let created =
                    assert_created(db.provision(admin, &provision_request(draft("suspended"))).await);
                suspend_tenant(&db.engine, &Actor::Operator, "suspended", "a test").await.unwrap();
                let link = created.owner.unwrap().invitation_url.unwrap();
                let token = link.rsplit('/').next().unwrap();
                Coverage::Here(find_invitation(&db.engine, token).await.unwrap_err())
            }
            PreconditionFailed => {
                assert_created(db.provision(admin, &provision_request(draft("updated"))).await);
                let (stale, changes) =
                    (Precondition::OneOf(vec!["\"9\"".to_owned()]), TenantChanges::default());
                let updated = update_tenant(&db.engine, &Actor::Operator, "updated", &stale, &changes).await;
                Coverage::Here(updated.unwrap_err())
            }
            IdempotencyKeyMissing | IdempotencyKeyInvalid => Coverage::OverHttp,
            PreconditionRequired | TenantNotActive | QuotaExceeded => Coverage::OverHttp,
            SlugHeld | AuthUserCreationFailed => Coverage::Untested,
            ConnectorFailed | ConnectorTimeout | WorkerLost | CircuitOpen => Coverage::OverHttp,
        }
    }
}

#[tokio::test]
async fn each_code_is_triggered_or_listed_as_tested_elsewhere() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let fixture = ErrorFixture { db, admin };
    for &code in ErrorCode::ALL {
        let is_current = matches!(code.entry().usage, Usage::Current);
        match fixture.trigger(code).await {
            Coverage::Here(error) => {
                assert_eq!(error.problem().code, code, "{error:?}");
                assert!(is_current, "this test triggers {code}, which is listed as unused");
            }
            Coverage::OverHttp => assert!(is_current, "{code}"),
            Coverage::Untested => assert!(!is_current, "{code} is in use, but no test triggers it"),
        }
    }
    fixture.db.assert_invariants().await;
}
