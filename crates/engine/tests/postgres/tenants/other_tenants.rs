//! A call about something that another tenant has does exactly what a call about something unknown does, so
//! that neither the response nor its time reveals what another tenant has.

use domain::{
    Problem,
    api_key::ApiKey,
    catalog::{PackageNumbers, SentPackage},
    idempotency_key::IdempotencyKey,
};
use engine::{
    Engine, Error,
    tenants::{
        PackageCreation, Precondition, TenantCaller, create_package, delete_package, find_package,
        find_segment, replace_package,
    },
};
use serde_json::json;
use test_support::{
    captured_log::CapturedLog,
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};
use uuid::Uuid;

use super::new_tenant;
use crate::row_reads::count_row_reads;

/// What a call refers to by a slug or an ID.
#[derive(Debug, Clone, Copy)]
enum Call {
    FindSegment,
    FindPackage,
    DeletePackage,
    /// The call that creates a package in a segment.
    CreateInSegment,
    /// The call that moves a package to a segment.
    ReplaceInSegment,
}

const CALLS: [Call; 5] = [
    Call::FindSegment,
    Call::FindPackage,
    Call::DeletePackage,
    Call::CreateInSegment,
    Call::ReplaceInSegment,
];

impl Call {
    /// The table in which the call looks for the reference.
    fn table(self) -> &'static str {
        match self {
            Self::FindPackage | Self::DeletePackage => "packages",
            _ => "segments",
        }
    }

    /// Sends the call, which must be refused.
    async fn refusal(self, engine: &Engine, by: &TenantCaller, reference: &str) -> Problem {
        let package = || {
            let numbers = PackageNumbers { base_price: Some(1), ..PackageNumbers::default() };
            let text = |field: &str| match field {
                "name" => Some("Cruise".to_owned()),
                "segment" => Some(reference.to_owned()),
                _ => None,
            };
            SentPackage::parse(text, numbers)
        };
        let any = &Precondition::Missing;
        let result: Result<(), Error> = match self {
            Self::FindSegment => find_segment(engine, by, reference).await.map(drop),
            Self::FindPackage => find_package(engine, by, reference).await.map(drop),
            Self::DeletePackage => delete_package(engine, by, reference, any).await,
            Self::CreateInSegment => {
                let (body, key) =
                    (json!({ "segment": reference }), IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap());
                let creation =
                    PackageCreation { package: package(), slug: None, idempotency_key: &key, body: &body };
                create_package(engine, by, creation).await.map(drop)
            }
            Self::ReplaceInSegment => {
                replace_package(engine, by, "basic-package", any, package()).await.map(drop)
            }
        };
        result.unwrap_err().problem()
    }

    /// What the call does: its statements with the number of rows that each returned, the rows that the
    /// database read to answer them, and the refusal. Only this function uses the table.
    async fn work(
        self,
        db: &TestDatabase,
        by: &TenantCaller,
        reference: &str,
    ) -> (Vec<(String, u64)>, i64, Problem) {
        let mut work = None;
        let reads = count_row_reads(db, self.table(), async |engine| {
            // The first call prepares the statements of the connection.
            self.refusal(engine, by, reference).await;
            let (log, _guard) = CapturedLog::start_with_statements();
            let refusal = self.refusal(engine, by, reference).await;
            work = Some((log.take_statements(), refusal));
        })
        .await;
        let (statements, refusal) = work.unwrap();
        (statements, reads, refusal)
    }
}

#[tokio::test]
async fn a_call_about_something_of_another_tenant_does_what_a_call_about_something_unknown_does() {
    let (db, admin, one) = new_tenant().await;
    let two = assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let id = two.tenant.id;
    db.run(&format!(
        "INSERT INTO segments (tenant_id, slug, name) VALUES ('{id}', 'secret', 'Secret');
         INSERT INTO packages (tenant_id, segment_id, slug, name, base_price)
         SELECT tenant_id, id, 'secret', 'Secret', 1 FROM segments WHERE slug = 'secret'"
    ))
    .await;
    let by = TenantCaller::Key(ApiKey::parse(one.secret_key.as_ref().unwrap()).unwrap());
    let owner = TenantCaller::Key(ApiKey::parse(two.secret_key.as_ref().unwrap()).unwrap());
    find_segment(&db.engine, &owner, "secret").await.unwrap();
    find_package(&db.engine, &owner, "secret").await.unwrap();
    let [segment, package] = [
        db.text("SELECT id::text FROM segments WHERE slug = 'secret'").await,
        db.text("SELECT id::text FROM packages WHERE slug = 'secret'").await,
    ];
    db.assert_invariants().await;
    db.engine.close().await;
    for call in CALLS {
        let id_of_other = if call.table() == "segments" { &segment } else { &package };
        // Begins with the same character, because an ID that begins with a letter can be a slug.
        let unknown_id = format!("{}{}", &id_of_other[..24], "000000000000");
        for (of_other, unknown) in [("secret", "nobody"), (id_of_other, &unknown_id)] {
            let expected = call.work(&db, &by, unknown).await;
            assert!(!expected.0.is_empty(), "{call:?}: no statement was logged");
            assert_eq!(call.work(&db, &by, of_other).await, expected, "{call:?} {of_other}");
        }
    }
}
