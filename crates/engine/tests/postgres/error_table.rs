//! The whole error table: each code is provoked here, or it is said where it belongs.

use domain::{
    ErrorCode::{self, *},
    Role,
    error::Usage,
    provisioning::Draft,
};
use engine::{
    Engine, Error, MasterKey,
    access::{Principal, sign_in},
    provisioning::{find_request, mark_failed, provision, rollback},
};
use uuid::Uuid;

use crate::support::{ORIGIN, TestDatabase, created, draft, order, with_draft};

/// Where a code is provoked.
enum Provoked {
    /// By this call, just now.
    Here(Error),
    /// By tests of the server: outside the engine, or by its workers.
    OverHttp,
    /// By nothing yet: the code belongs to later work, or is an old name.
    NotYet,
}

/// One place to stand for all of the walk.
struct Walk {
    db: TestDatabase,
    admin: Principal,
}

impl Walk {
    /// A refused call with a new key.
    async fn refused(&self, draft: Draft) -> Provoked {
        Provoked::Here(self.db.provision(&self.admin, &order(draft)).await.unwrap_err())
    }

    /// A refused call while an insertion into `table` fails with `sqlstate`.
    async fn trapped(&self, table: &str, sqlstate: &str) -> Provoked {
        self.db.set_failing_trap(table, sqlstate).await;
        let provoked = self.refused(draft("trapped")).await;
        self.db.drop_trap(table).await;
        provoked
    }

    /// Makes each code happen. A new code does not compile until it is placed here.
    async fn provoke(&self, code: ErrorCode) -> Provoked {
        let Self { db, admin } = self;
        let taken = draft("golden-spoon");
        match code {
            Unauthenticated => Provoked::Here(
                sign_in(&db.engine, "nobody@example.com", "wrong", "192.0.2.1").await.unwrap_err(),
            ),
            Forbidden => {
                let viewer = db.employee(Role::Viewer).await;
                Provoked::Here(db.provision(&viewer, &order(taken)).await.unwrap_err())
            }
            ValidationError => self.refused(Draft::default()).await,
            InvalidSlug => self.refused(Draft { slug: "ab--c".into(), ..taken }).await,
            EmailValidationFailed => self.refused(Draft { owner_email: "nobody".into(), ..taken }).await,
            DuplicateSlug => self.refused(Draft { owner_email: "other@example.com".into(), ..taken }).await,
            EmailUnavailable => self.refused(Draft { slug: "other-slug".into(), ..taken }).await,
            DuplicateRequest => {
                let order = order(draft("rolled-back"));
                let made = created(db.provision(admin, &order).await);
                rollback(&db.engine, made.request_id, None, "a test", true).await.unwrap();
                Provoked::Here(db.provision(admin, &order).await.unwrap_err())
            }
            RequestInProgress => {
                let order = order(draft("running"));
                created(db.provision(admin, &order).await);
                let mut holder = db.pool.begin().await.unwrap();
                sqlx::query("SELECT FROM provisioning_requests FOR UPDATE")
                    .execute(&mut *holder)
                    .await
                    .unwrap();
                let error = db.provision(admin, &order).await.unwrap_err();
                holder.rollback().await.unwrap();
                Provoked::Here(error)
            }
            IdempotencyKeyReused => {
                let order = order(draft("reused"));
                created(db.provision(admin, &order).await);
                Provoked::Here(db.provision(admin, &with_draft(&order, draft("another"))).await.unwrap_err())
            }
            OwnerCreationFailed => self.trapped("users", "XX000").await,
            ConstraintViolation => self.trapped("segments", "23514").await,
            ForeignKeyViolation => self.trapped("segments", "23503").await,
            DuplicateKey => self.trapped("segments", "23505").await,
            SerializationFailure => self.trapped("segments", "40001").await,
            Deadlock => self.trapped("segments", "40P01").await,
            Timeout => self.trapped("segments", "57014").await,
            LockTimeout => self.trapped("segments", "55P03").await,
            DatabaseUnavailable => {
                // No connection can be had; for a database that is stopped see `lost_answers`.
                let closed = db.engine_at(db.options(), 1).await;
                closed.close().await;
                Provoked::Here(provision(&closed, admin, order(draft("closed")), ORIGIN).await.unwrap_err())
            }
            SchemaOutOfDate => {
                let unchecked = Engine::new(db.options(), 1, 1, MasterKey::new([7; 32]));
                Provoked::Here(
                    provision(&unchecked, admin, order(draft("unchecked")), ORIGIN).await.unwrap_err(),
                )
            }
            RateLimited => {
                for _ in 0..10 {
                    sign_in(&db.engine, "busy@example.com", "wrong", "192.0.2.2").await.unwrap_err();
                }
                Provoked::Here(
                    sign_in(&db.engine, "busy@example.com", "wrong", "192.0.2.2").await.unwrap_err(),
                )
            }
            ResourceNotFound => Provoked::Here(find_request(&db.engine, Uuid::new_v4()).await.unwrap_err()),
            InvalidTransition => {
                let made = created(db.provision(admin, &order(draft("finished"))).await);
                Provoked::Here(
                    mark_failed(&db.engine, made.request_id, Timeout, "too late").await.unwrap_err(),
                )
            }
            ProvisioningFailed => self.trapped("segments", "XX000").await,
            IdempotencyKeyMissing | IdempotencyKeyInvalid => Provoked::OverHttp,
            SlugHeld | QuotaExceeded | TenantNotFound | AuthUserCreationFailed => Provoked::NotYet,
            ConnectorFailed | ConnectorTimeout | CircuitOpen => Provoked::OverHttp,
        }
    }
}

#[tokio::test]
async fn every_code_can_be_provoked_or_is_listed_as_belonging_elsewhere() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    created(db.provision(&admin, &order(draft("golden-spoon"))).await);
    let walk = Walk { db, admin };
    for &code in ErrorCode::ALL {
        let now = matches!(code.entry().usage, Usage::Current);
        match walk.provoke(code).await {
            Provoked::Here(error) => {
                assert_eq!(error.problem().code, code, "{error:?}");
                assert!(now, "{code} is given already");
            }
            Provoked::OverHttp => assert!(now, "{code}"),
            Provoked::NotYet => assert!(!now, "{code} is given, but by no test"),
        }
    }
    walk.db.assert_sound().await;
}
