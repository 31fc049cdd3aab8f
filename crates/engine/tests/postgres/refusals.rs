//! Requests that are refused before the core runs. The problem names all invalid fields, the attempt is
//! recorded, and the key can be used again.

use domain::{
    ErrorCode, RequestStatus, Role,
    idempotency_key::IdempotencyKey,
    provisioning::{Draft, DraftField},
};
use engine::provisioning::{ProvisionRequest, find_request, find_request_by_key};
use serde_json::json;
use uuid::Uuid;

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request, with_draft},
    test_database::TestDatabase,
};

#[tokio::test]
async fn all_invalid_fields_are_named_and_recorded_and_the_key_can_be_used_again() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut broken = Draft::default();
    DraftField::ALL.iter().for_each(|field| *broken.get_mut(*field) = "?\u{202E}".into());
    let invalid = provision_request(broken);
    let problem = assert_error(db.provision(&admin, &invalid).await, ErrorCode::ValidationError);
    let named: Vec<&str> = problem.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, DraftField::ALL.iter().map(|field| field.path()).collect::<Vec<_>>());

    let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
    assert_eq!(detail.summary.status, RequestStatus::Failed);
    assert_eq!(detail.problem.unwrap().errors, problem.errors);
    db.assert_complete_tenants(0).await;

    assert_error(db.provision(&admin, &invalid).await, ErrorCode::ValidationError);
    let provisioned =
        assert_created(db.provision(&admin, &with_draft(&invalid, draft("golden-spoon"))).await);
    assert_eq!(problem.request_id, Some(provisioned.request_id));
    let by_key = find_request_by_key(&db.engine, invalid.key.uuid()).await.unwrap().unwrap();
    assert_eq!(by_key.summary.attempts, 3);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn nul_and_overlong_text_are_refused_in_any_field() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for text in
        ["a\0b".to_owned(), "\0".to_owned(), "x".repeat(10_000), "'; DROP TABLE tenants; --\0".to_owned()]
    {
        for field in DraftField::ALL.iter().copied() {
            let mut draft = draft("golden-spoon");
            *draft.get_mut(field) = text.clone();
            let problem = db.provision(&admin, &provision_request(draft)).await.unwrap_err().problem();
            let named: Vec<&str> = problem.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(named, [field.path()], "{:?}", problem.code);
            let expected = match field {
                DraftField::Slug => ErrorCode::InvalidSlug,
                // NUL is removed from the ends of an address, so this one is missing.
                DraftField::OwnerEmail if text == "\0" => ErrorCode::ValidationError,
                DraftField::OwnerEmail => ErrorCode::EmailValidationFailed,
                _ => ErrorCode::ValidationError,
            };
            assert_eq!(problem.code, expected);
            find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
        }
    }
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn names_keep_sql_emoji_and_right_to_left_text() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let names = ["'; DROP TABLE tenants; --", "🍜 Noodles 👩‍🍳", "مطعم الملعقة", "$1 %s {} \\ \" ''"];
    for (number, name) in (1_i64..).zip(names) {
        let draft =
            Draft { name: name.into(), owner_name: name.into(), ..draft(&format!("tenant-{number}")) };
        let provisioned = assert_created(db.provision(&admin, &provision_request(draft)).await);
        assert_eq!(
            (provisioned.tenant.name.as_str(), provisioned.owner.unwrap().name.as_str()),
            (name, name)
        );
        db.assert_complete_tenants(number).await;
    }
}

#[tokio::test]
async fn a_time_zone_unknown_to_the_database_is_an_invalid_field() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    // Simulates a PostgreSQL server whose time zone database is older than that of the engine.
    db.run(
        "CREATE OR REPLACE FUNCTION validate_provisioning(p_payload jsonb, p_with_earlier_system boolean)
         RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM now() AT TIME ZONE 'Mars/Olympus_Mons'; END $$",
    )
    .await;
    let request = provision_request(draft("golden-spoon"));
    let problem = assert_error(db.provision(&admin, &request).await, ErrorCode::ValidationError);
    let named: Vec<&str> = problem.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, [DraftField::TimeZone.path()]);
    let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
    assert_eq!(detail.summary.code, Some(ErrorCode::ValidationError));
    assert_eq!(detail.problem.unwrap().errors, problem.errors);
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn a_time_zone_outside_the_iana_database_is_refused() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for time_zone in ["Mars/Olympus_Mons", "Mars/Foo5", "Europe/Berln3", "posix/Europe/Berlin", "localtime"] {
        let draft = Draft { time_zone: time_zone.into(), ..draft("golden-spoon") };
        let problem =
            assert_error(db.provision(&admin, &provision_request(draft)).await, ErrorCode::ValidationError);
        assert_eq!(problem.errors[0].field, DraftField::TimeZone.path());
    }
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn a_time_zone_in_any_case_is_stored_in_its_canonical_spelling() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let draft = Draft { time_zone: "EUROPE/BERLIN".into(), ..draft("golden-spoon") };
    assert_created(db.provision(&admin, &provision_request(draft)).await);
    assert_eq!(db.text("SELECT time_zone FROM tenant_settings").await, "Europe/Berlin");
}

#[tokio::test]
async fn a_fixed_offset_is_a_valid_time_zone() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let draft = Draft { time_zone: "Etc/GMT+5".into(), ..draft("golden-spoon") };
    assert_created(db.provision(&admin, &provision_request(draft)).await);
    assert_eq!(db.text("SELECT time_zone FROM tenant_settings").await, "Etc/GMT+5");
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_one_invalid_field() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let body = json!({ "slug": 7, "name": "Golden Spoon", "owner": { "name": "Olive", "email": "olive@example.com" } });
    let request = ProvisionRequest::from_json(key, &body);
    let problem = assert_error(db.provision(&admin, &request).await, ErrorCode::InvalidSlug);
    assert_eq!(problem.errors.len(), 1);
    assert_eq!(problem.errors[0].rule, "type");
}

#[tokio::test]
async fn a_viewer_is_refused_before_validation_without_a_record() {
    let db = TestDatabase::new().await;
    let viewer = db.employee(Role::Viewer).await;
    for slug in ["golden-spoon", "-bad"] {
        let problem =
            assert_error(db.provision(&viewer, &provision_request(draft(slug))).await, ErrorCode::Forbidden);
        assert_eq!((problem.errors, problem.request_id), (Vec::new(), None));
    }
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 0);
    db.assert_complete_tenants(0).await;
}
