//! Every SQLSTATE of `docs/specification.md`, section 5, and real timeouts.

use domain::ErrorCode::{self, *};
use engine::provisioning::{find_request, provision};

use test_support::{
    fault_proxy::FaultProxy,
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

/// The SQLSTATEs of `docs/specification.md`, section 5, with their codes.
const TABLE: [(&str, ErrorCode); 19] = [
    ("23514", ConstraintViolation),
    ("23502", ConstraintViolation),
    ("P0001", ConstraintViolation),
    ("23503", ForeignKeyViolation),
    ("23505", DuplicateKey),
    ("40001", SerializationFailure),
    ("40P01", Deadlock),
    ("57014", Timeout),
    ("55P03", LockTimeout),
    ("25006", DatabaseUnavailable),
    ("08006", DatabaseUnavailable),
    ("08000", DatabaseUnavailable),
    ("28P01", DatabaseUnavailable),
    ("3D000", DatabaseUnavailable),
    ("53300", DatabaseUnavailable),
    ("57P01", DatabaseUnavailable),
    ("57P02", DatabaseUnavailable),
    ("57P03", DatabaseUnavailable),
    // An unknown time zone also raises 22023, but has the code `VALIDATION_ERROR`.
    ("22023", ProvisioningFailed),
];

#[tokio::test]
async fn each_sqlstate_has_its_code_and_leaves_no_rows() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (number, (sqlstate, code)) in (0..).zip(TABLE) {
        db.set_failing_trigger("segments", sqlstate).await;
        let problem = assert_error(
            db.provision(&admin, &provision_request(draft(&format!("tenant-{number}")))).await,
            code,
        );
        assert_eq!(problem.constraint.as_deref(), Some("test_trigger"), "{sqlstate}");
        let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
        assert_eq!(detail.attempt_log[0].message, Some(format!("{sqlstate}: injected")));
        assert_eq!(detail.problem.unwrap().code, code);
        db.assert_complete_tenants(0).await;
    }
}

#[tokio::test]
async fn the_constraint_decides_the_code_of_a_duplicate() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (constraint, code) in [
        ("tenants_slug_key", DuplicateSlug),
        ("users_email_key", EmailUnavailable),
        ("api_keys_public_key", DuplicateKey),
    ] {
        db.set_insert_trigger(
            "segments",
            &format!("RAISE EXCEPTION 'duplicate' USING ERRCODE = '23505', CONSTRAINT = '{constraint}'"),
        )
        .await;
        let problem =
            assert_error(db.provision(&admin, &provision_request(draft("golden-spoon"))).await, code);
        assert_eq!(problem.constraint.as_deref(), Some(constraint));
    }
}

#[tokio::test]
async fn sql_and_the_domain_map_sqlstates_to_the_same_codes() {
    let db = TestDatabase::new().await;
    // The core raises these SQLSTATEs itself, so the domain does not map them.
    for (state, code) in [("TN002", DuplicateSlug), ("TN003", EmailUnavailable)] {
        assert_eq!(db.text(&format!("SELECT provisioning_error_code('{state}', NULL)")).await, code.as_str());
    }
    let classes = [
        "00", "01", "02", "03", "08", "09", "0A", "0B", "21", "22", "23", "24", "25", "26", "28", "2B", "2D",
        "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "44", "53", "54", "55", "57", "58", "F0", "HV",
        "P0", "XX", "ZZ",
    ];
    let suffixes = [
        "000", "001", "002", "003", "004", "006", "007", "014", "023", "501", "502", "503", "505", "514",
        "883", "703", "300", "P01", "P02", "P03", "P04", "P05", "01A", "zzz",
    ];
    let states: Vec<String> =
        classes.iter().flat_map(|class| suffixes.map(|suffix| format!("{class}{suffix}"))).collect();
    assert!(["22023", "25006"].iter().all(|state| states.iter().any(|listed| listed == state)));
    for constraint in [None, Some("tenants_slug_key"), Some("users_email_key"), Some("other_key")] {
        let codes: Vec<String> = sqlx::query_scalar(
            "SELECT provisioning_error_code(state, $2) FROM unnest($1::text[]) WITH ORDINALITY AS s (state, position) ORDER BY position",
        )
        .bind(&states)
        .bind(constraint)
        .fetch_all(&db.pool)
        .await
        .unwrap();
        for (state, code) in states.iter().zip(codes) {
            assert_eq!(ErrorCode::from_sqlstate(state, constraint).as_str(), code, "{state} {constraint:?}");
        }
    }
}

#[tokio::test]
async fn a_statement_timeout_is_recorded() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    // The proxy shortens the engine's own timeout from 10 s to 3 s.
    let proxy =
        FaultProxy::with_replaced_setting(db.options(), "statement_timeout=10s", "statement_timeout=03s");
    let engine = db.engine_at(proxy.options(), 1).await;
    db.set_insert_trigger("segments", "PERFORM pg_sleep(60)").await;
    let request = provision_request(draft("golden-spoon"));
    let problem = assert_error(provision(&engine, &admin, request.clone(), ORIGIN).await, Timeout);
    assert_eq!(problem.retry_after_seconds(), Some(2));
    let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
    assert_eq!(detail.summary.code, Some(Timeout));
    db.assert_complete_tenants(0).await;

    db.drop_trigger("segments").await;
    assert_created(provision(&engine, &admin, request, ORIGIN).await);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn a_lock_timeout_is_recorded() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut holder = db.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE segments IN EXCLUSIVE MODE").execute(&mut *holder).await.unwrap();
    let request = provision_request(draft("golden-spoon"));
    let problem = assert_error(db.provision(&admin, &request).await, LockTimeout);
    let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
    assert_eq!(detail.summary.code, Some(LockTimeout));
    holder.rollback().await.unwrap();
    db.assert_complete_tenants(0).await;
    assert_created(db.provision(&admin, &request).await);
}

#[tokio::test]
async fn a_problem_contains_no_message_of_the_database() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for sqlstate in ["P0001", "XX000"] {
        db.set_failing_trigger("segments", sqlstate).await;
        let problem =
            db.provision(&admin, &provision_request(draft("golden-spoon"))).await.unwrap_err().problem();
        let json = serde_json::to_string(&problem.to_json()).unwrap();
        assert!(!json.contains("injected") && !json.contains(sqlstate), "{json}");
    }
}
