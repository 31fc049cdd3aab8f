//! What a client sees: every code that can be provoked over HTTP, at every door where it exists.

use std::collections::BTreeSet;

use domain::{ErrorCode, error::Usage, provisioning::Draft};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, TestServer, new_key};

/// The three ways to ask for a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Api,
    Function,
    Form,
}

const DOORS: [Door; 3] = [Door::Api, Door::Function, Door::Form];

/// Lets a name of the form `raise 23514` fail with that SQLSTATE, in the owner's or the tenant's row.
const SABOTAGE: &str = "
    CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.name LIKE 'raise _____' THEN
            RAISE EXCEPTION 'provoked' USING ERRCODE = substr(NEW.name, 7);
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER sabotage BEFORE INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION sabotage();
    CREATE TRIGGER sabotage BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION sabotage();";

const SQLSTATES: [(&str, ErrorCode); 11] = [
    ("23514", ErrorCode::ConstraintViolation),
    ("23502", ErrorCode::ConstraintViolation),
    ("23503", ErrorCode::ForeignKeyViolation),
    ("23505", ErrorCode::DuplicateKey),
    ("40001", ErrorCode::SerializationFailure),
    ("40P01", ErrorCode::Deadlock),
    ("57014", ErrorCode::Timeout),
    ("55P03", ErrorCode::LockTimeout),
    ("57P03", ErrorCode::DatabaseUnavailable),
    ("42P01", ErrorCode::SchemaOutOfDate),
    ("XX000", ErrorCode::ProvisioningFailed),
];

/// A draft that is right in every field, with a slug and an owner of its own.
fn draft() -> Draft {
    let slug = format!("t{}", &new_key().replace('-', "")[..20]);
    Draft {
        name: "Golden Spoon".into(),
        owner_name: "Ada Lovelace".into(),
        owner_email: format!("owner@{slug}.example"),
        slug,
        ..Draft::default()
    }
}

/// Asks for a draft's tenant at one door.
async fn knock(server: &TestServer, door: Door, token: &str, key: &str, draft: &Draft) -> Reply {
    match door {
        Door::Api => {
            let body = json!({ "name": draft.name, "slug": draft.slug, "plan": draft.plan,
                "owner": { "name": draft.owner_name, "email": draft.owner_email } });
            let request = server.provisioning(token).json(&body);
            server.send(if key.is_empty() { request } else { request.header("idempotency-key", key) }).await
        }
        Door::Function => server.call("provision", token, &json!({ "key": key, "draft": draft })).await,
        Door::Form => {
            let mut fields = serde_json::to_value(draft).unwrap();
            fields["idempotencyKey"] = key.into();
            let request = server.request(Method::POST, "/provision").form(&fields).bearer_auth(token);
            server.send(request.header("origin", &server.origin).header("accept", "text/html")).await
        }
    }
}

/// Asserts that a refusal says everything that the table says of its code.
#[track_caller]
fn assert_told(reply: &Reply, door: Door, code: ErrorCode) {
    let entry = code.entry();
    assert_eq!(reply.status, entry.status, "{door:?} {code}: {}", reply.text);
    let seconds = code.retry_after_seconds().map(|seconds| seconds.to_string()).unwrap_or_default();
    assert_eq!(reply.header("retry-after"), seconds, "{door:?} {code}");
    match door {
        Door::Api => {
            let problem = reply.problem(entry.status, code.as_str());
            assert_eq!(problem["nextStep"], entry.next_step);
            assert_eq!(problem["retryable"], code.retryable());
        }
        // The page has the same table: the code is all it needs.
        Door::Function => reply.failure(entry.status, code.as_str()),
        Door::Form => assert_shown(&reply.text, code),
    }
}

/// Asserts that a page shows the code and the next step, or the faults beside the fields.
#[track_caller]
fn assert_shown(page: &str, code: ErrorCode) {
    match code {
        ErrorCode::ValidationError | ErrorCode::InvalidSlug | ErrorCode::EmailValidationFailed => {
            assert!(
                page.contains("error-summary") && page.contains("aria-invalid=\"true\""),
                "{code}: {page}"
            );
        }
        ErrorCode::Unauthenticated => assert!(page.contains(code.as_str()), "{page}"),
        _ => {
            assert!(page.contains(&format!("prov-error-code\">{code}")), "{code}: {page}");
            assert!(page.contains(code.entry().next_step), "{code}: {page}");
        }
    }
}

/// Knocks at every door, each time with a new key, and a slug and owner of its own unless `change`
/// says otherwise.
async fn everywhere(server: &TestServer, token: &str, code: ErrorCode, change: impl Fn(&mut Draft)) {
    for door in DOORS {
        let mut draft = draft();
        change(&mut draft);
        assert_told(&knock(server, door, token, &new_key(), &draft).await, door, code);
    }
}

/// The same with one key and one draft, all at once.
async fn with_key(server: &TestServer, token: &str, code: ErrorCode, key: &str, draft: &Draft) {
    let replies = join_all(DOORS.map(|door| knock(server, door, token, key, draft))).await;
    for (door, reply) in DOORS.into_iter().zip(&replies) {
        assert_told(reply, door, code);
    }
}

async fn refused_drafts(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    let taken = draft();
    let made = knock(server, Door::Api, token, &new_key(), &taken).await;
    assert_eq!(made.status, 201, "{}", made.text);
    everywhere(server, "", ErrorCode::Unauthenticated, |_| {}).await;
    everywhere(server, &server.token("VIEWER"), ErrorCode::Forbidden, |_| {}).await;
    everywhere(server, token, ErrorCode::ValidationError, |draft| draft.plan = "gold".into()).await;
    everywhere(server, token, ErrorCode::InvalidSlug, |draft| draft.slug = "-".into()).await;
    everywhere(server, token, ErrorCode::EmailValidationFailed, |draft| draft.owner_email = "a@".into())
        .await;
    everywhere(server, token, ErrorCode::DuplicateSlug, |draft| draft.slug.clone_from(&taken.slug)).await;
    let same_owner = |draft: &mut Draft| draft.owner_email.clone_from(&taken.owner_email);
    everywhere(server, token, ErrorCode::EmailUnavailable, same_owner).await;
    vec![
        ErrorCode::Unauthenticated,
        ErrorCode::Forbidden,
        ErrorCode::ValidationError,
        ErrorCode::InvalidSlug,
        ErrorCode::EmailValidationFailed,
        ErrorCode::DuplicateSlug,
        ErrorCode::EmailUnavailable,
    ]
}

async fn refused_keys(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    with_key(server, token, ErrorCode::IdempotencyKeyMissing, "", &draft()).await;
    with_key(server, token, ErrorCode::IdempotencyKeyInvalid, "x", &draft()).await;

    let (key, made) = (new_key(), draft());
    let answer = knock(server, Door::Api, token, &key, &made).await.json();
    with_key(server, token, ErrorCode::IdempotencyKeyReused, &key, &draft()).await;
    let id = answer["requestId"].as_str().unwrap();
    server.folder.sql(&format!(
        "SELECT rollback_provisioning(id, employee_id, 'a test', true) FROM provisioning_requests WHERE id = '{id}'"
    ));
    with_key(server, token, ErrorCode::DuplicateRequest, &key, &made).await;

    // Somebody holds the request's row, as a call that still runs does.
    let (key, mut failing) = (new_key(), draft());
    failing.name = "raise 23514".into();
    knock(server, Door::Api, token, &key, &failing).await;
    let mut holder = server.folder.sql_meanwhile(&format!(
        "BEGIN; SELECT id FROM provisioning_requests WHERE idempotency_key = '{key}' FOR UPDATE; SELECT pg_sleep(6)"
    ));
    let held = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while server.folder.sql(held) == "0" {}
    with_key(server, token, ErrorCode::RequestInProgress, &key, &failing).await;
    holder.wait().unwrap();
    vec![
        ErrorCode::IdempotencyKeyMissing,
        ErrorCode::IdempotencyKeyInvalid,
        ErrorCode::IdempotencyKeyReused,
        ErrorCode::DuplicateRequest,
        ErrorCode::RequestInProgress,
    ]
}

async fn refused_by_the_database(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    for (sqlstate, code) in SQLSTATES {
        everywhere(server, token, code, |draft| draft.name = format!("raise {sqlstate}")).await;
    }
    let owner = |draft: &mut Draft| draft.owner_name = "raise XX000".into();
    everywhere(server, token, ErrorCode::OwnerCreationFailed, owner).await;
    SQLSTATES.into_iter().map(|(_, code)| code).chain([ErrorCode::OwnerCreationFailed]).collect()
}

/// What is told elsewhere than at the three doors.
async fn refused_elsewhere(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    let unknown = new_key();
    let path = format!("/api/v1/admin/provisioning-requests/{unknown}");
    assert_told(&server.get(&path, token).await, Door::Api, ErrorCode::ResourceNotFound);
    let called = server.call("open_request", token, &json!({ "id": unknown })).await;
    assert_told(&called, Door::Function, ErrorCode::ResourceNotFound);

    let email = server.person("ADMIN");
    for _ in 0..10 {
        server.post_form("/login", "", &[("email", &email), ("password", "wrong")]).await;
    }
    let limited = server.post_form("/login", "", &[("email", &email), ("password", PASSWORD)]).await;
    assert_eq!(limited.status, ErrorCode::RateLimited.entry().status);
    assert!(limited.text.contains(ErrorCode::RateLimited.entry().next_step), "{}", limited.text);
    assert!(limited.header("retry-after").parse::<u32>().unwrap() > 0);
    vec![ErrorCode::ResourceNotFound, ErrorCode::RateLimited]
}

#[tokio::test]
async fn each_code_arrives_as_the_table_says() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    server.folder.sql(SABOTAGE);
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for codes in [
        refused_drafts(&server, &token).await,
        refused_keys(&server, &token).await,
        refused_by_the_database(&server, &token).await,
        refused_elsewhere(&server, &token).await,
    ] {
        told.extend(codes.into_iter().map(ErrorCode::as_str));
    }
    // `pipeline::api` and `pipeline::codes` provoke these codes.
    told.extend(
        [
            ErrorCode::InvalidTransition,
            ErrorCode::ConnectorFailed,
            ErrorCode::ConnectorTimeout,
            ErrorCode::CircuitOpen,
        ]
        .map(ErrorCode::as_str),
    );
    let of_today = ErrorCode::ALL.iter().filter(|code| matches!(code.entry().usage, Usage::Current));
    assert_eq!(told, of_today.map(|code| code.as_str()).collect());
}

#[tokio::test]
async fn a_schema_of_another_version_is_told_at_every_door() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    server.folder.sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 29990101000000, 'of a later version', success, checksum, 0 FROM _sqlx_migrations LIMIT 1",
    );
    server.get("/readyz", "").await.problem(503, "SCHEMA_OUT_OF_DATE");
    everywhere(&server, &token, ErrorCode::SchemaOutOfDate, |_| {}).await;
    server.folder.sql("DELETE FROM _sqlx_migrations WHERE version = 29990101000000");
    assert_eq!(server.get("/readyz", "").await.json()["status"], Value::from("ready"));
    assert_eq!(knock(&server, Door::Api, &token, &new_key(), &draft()).await.status, 201);
}
