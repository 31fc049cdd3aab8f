//! Every error code that can be triggered over HTTP, through each entry point.

use std::collections::BTreeSet;

use domain::{ErrorCode, error::Usage, provisioning::Draft};
use reqwest::Method;
use serde_json::json;

use test_support::wait::{block_until, wait_for_value};

use crate::support::{PASSWORD, Reply, TestServer, new_key};

/// The three ways to provision a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryPoint {
    Api,
    Function,
    Form,
}

const ENTRY_POINTS: [EntryPoint; 3] = [EntryPoint::Api, EntryPoint::Function, EntryPoint::Form];

/// Makes the insert of an owner or a tenant with a name such as `raise 23514` fail with the SQLSTATE in the
/// name.
const FAILING_TRIGGERS: &str = "
    CREATE FUNCTION fail_by_name() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.name LIKE 'raise _____' THEN
            RAISE EXCEPTION 'injected' USING ERRCODE = substr(NEW.name, 7);
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail_by_name BEFORE INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION fail_by_name();
    CREATE TRIGGER fail_by_name BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION fail_by_name();";

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

/// A valid draft with a new slug and a new owner.
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

/// Provisions a draft through one entry point.
async fn send_via(
    server: &TestServer,
    entry_point: EntryPoint,
    token: &str,
    key: &str,
    draft: &Draft,
) -> Reply {
    match entry_point {
        EntryPoint::Api => {
            let body = json!({ "name": draft.name, "slug": draft.slug, "plan": draft.plan,
                "owner": { "name": draft.owner_name, "email": draft.owner_email } });
            let request = server.provision_request(token).json(&body);
            server.send(if key.is_empty() { request } else { request.header("idempotency-key", key) }).await
        }
        EntryPoint::Function => server.call("provision", token, &json!({ "key": key, "draft": draft })).await,
        EntryPoint::Form => {
            let mut fields = serde_json::to_value(draft).unwrap();
            fields["idempotencyKey"] = key.into();
            let request = server.request(Method::POST, "/provision").form(&fields).bearer_auth(token);
            server.send(request.header("origin", &server.origin).header("accept", "text/html")).await
        }
    }
}

/// Asserts that a refusal contains everything that the error table has for its code.
#[track_caller]
fn assert_refused(reply: &Reply, entry_point: EntryPoint, code: ErrorCode) {
    let entry = code.entry();
    assert_eq!(reply.status, entry.status, "{entry_point:?} {code}: {}", reply.text);
    let seconds = code.retry_after_seconds().map(|seconds| seconds.to_string()).unwrap_or_default();
    assert_eq!(reply.header("retry-after"), seconds, "{entry_point:?} {code}");
    match entry_point {
        EntryPoint::Api => {
            let problem = reply.problem(entry.status, code.as_str());
            assert_eq!(problem["nextStep"], entry.next_step);
            assert_eq!(problem["retryable"], code.is_retryable());
        }
        // The response only contains the code, because pages have the same error table.
        EntryPoint::Function => reply.failure(entry.status, code.as_str()),
        EntryPoint::Form => assert_shown(&reply.text, code),
    }
}

/// Asserts that a page shows the code and the next step, or marks the invalid fields.
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

/// Sends a draft through each entry point, with a new key, slug and owner each time; `change` makes it fail.
async fn assert_refused_everywhere(
    server: &TestServer,
    token: &str,
    code: ErrorCode,
    change: impl Fn(&mut Draft),
) {
    for entry_point in ENTRY_POINTS {
        let mut draft = draft();
        change(&mut draft);
        assert_refused(&send_via(server, entry_point, token, &new_key(), &draft).await, entry_point, code);
    }
}

/// Sends one draft with one key through all entry points, one after the other: concurrent calls could refuse
/// each other as `REQUEST_IN_PROGRESS`.
async fn assert_refused_with_key(
    server: &TestServer,
    token: &str,
    code: ErrorCode,
    key: &str,
    draft: &Draft,
) {
    for entry_point in ENTRY_POINTS {
        assert_refused(&send_via(server, entry_point, token, key, draft).await, entry_point, code);
    }
}

async fn test_refused_drafts(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    let taken = draft();
    let provisioned = send_via(server, EntryPoint::Api, token, &new_key(), &taken).await;
    assert_eq!(provisioned.status, 201, "{}", provisioned.text);
    assert_refused_everywhere(server, "", ErrorCode::Unauthenticated, |_| {}).await;
    assert_refused_everywhere(server, &server.token("VIEWER"), ErrorCode::Forbidden, |_| {}).await;
    assert_refused_everywhere(server, token, ErrorCode::ValidationError, |draft| draft.plan = "gold".into())
        .await;
    assert_refused_everywhere(server, token, ErrorCode::InvalidSlug, |draft| draft.slug = "-".into()).await;
    assert_refused_everywhere(server, token, ErrorCode::EmailValidationFailed, |draft| {
        draft.owner_email = "a@".into()
    })
    .await;
    assert_refused_everywhere(server, token, ErrorCode::DuplicateSlug, |draft| {
        draft.slug.clone_from(&taken.slug)
    })
    .await;
    let same_owner = |draft: &mut Draft| draft.owner_email.clone_from(&taken.owner_email);
    assert_refused_everywhere(server, token, ErrorCode::EmailUnavailable, same_owner).await;
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

async fn test_refused_keys(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    assert_refused_with_key(server, token, ErrorCode::IdempotencyKeyMissing, "", &draft()).await;
    assert_refused_with_key(server, token, ErrorCode::IdempotencyKeyInvalid, "x", &draft()).await;

    let (key, completed) = (new_key(), draft());
    let response = send_via(server, EntryPoint::Api, token, &key, &completed).await.json();
    assert_refused_with_key(server, token, ErrorCode::IdempotencyKeyReused, &key, &draft()).await;
    let id = response["requestId"].as_str().unwrap();
    server.data_directory.sql(&format!(
        "SELECT rollback_provisioning(id, employee_id, 'a test', true) FROM provisioning_requests WHERE id = '{id}'"
    ));
    assert_refused_with_key(server, token, ErrorCode::DuplicateRequest, &key, &completed).await;

    // A transaction locks the request's row, like a call that is still running.
    let (key, mut failing) = (new_key(), draft());
    failing.name = "raise 23514".into();
    send_via(server, EntryPoint::Api, token, &key, &failing).await;
    let mut holder = server.data_directory.spawn_sql(&format!(
        "BEGIN; SELECT id FROM provisioning_requests WHERE idempotency_key = '{key}' FOR UPDATE; SELECT pg_sleep(600)"
    ));
    let locked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    block_until("the lock", || server.data_directory.sql(locked) == "1");
    assert_refused_with_key(server, token, ErrorCode::RequestInProgress, &key, &failing).await;
    let release = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    server.data_directory.sql(release);
    holder.wait().unwrap();
    vec![
        ErrorCode::IdempotencyKeyMissing,
        ErrorCode::IdempotencyKeyInvalid,
        ErrorCode::IdempotencyKeyReused,
        ErrorCode::DuplicateRequest,
        ErrorCode::RequestInProgress,
    ]
}

async fn test_database_errors(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    for (sqlstate, code) in SQLSTATES {
        assert_refused_everywhere(server, token, code, |draft| draft.name = format!("raise {sqlstate}"))
            .await;
    }
    let owner = |draft: &mut Draft| draft.owner_name = "raise XX000".into();
    assert_refused_everywhere(server, token, ErrorCode::OwnerCreationFailed, owner).await;
    SQLSTATES.into_iter().map(|(_, code)| code).chain([ErrorCode::OwnerCreationFailed]).collect()
}

/// Codes that only other endpoints return.
async fn test_other_endpoints(server: &TestServer, token: &str) -> Vec<ErrorCode> {
    let unknown = new_key();
    let path = format!("/api/v1/admin/provisioning-requests/{unknown}");
    assert_refused(&server.get(&path, token).await, EntryPoint::Api, ErrorCode::ResourceNotFound);
    let called = server.call("open_request", token, &json!({ "id": unknown })).await;
    assert_refused(&called, EntryPoint::Function, ErrorCode::ResourceNotFound);

    let email = server.create_employee("ADMIN");
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
async fn each_code_is_returned_as_in_the_error_table() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    server.data_directory.sql(FAILING_TRIGGERS);
    let mut tested: BTreeSet<&str> = BTreeSet::new();
    for codes in [
        test_refused_drafts(&server, &token).await,
        test_refused_keys(&server, &token).await,
        test_database_errors(&server, &token).await,
        test_other_endpoints(&server, &token).await,
    ] {
        tested.extend(codes.into_iter().map(ErrorCode::as_str));
    }
    // `lifecycle`, `pipeline::api`, `pipeline::codes`, `tenant_access` and `tenant_api` test these codes.
    tested.extend(
        [
            ErrorCode::TenantNotFound,
            ErrorCode::TenantSuspended,
            ErrorCode::TenantNotActive,
            ErrorCode::PreconditionFailed,
            ErrorCode::PreconditionRequired,
            ErrorCode::QuotaExceeded,
            ErrorCode::KeyReplaced,
            ErrorCode::InvitationAccepted,
            ErrorCode::InvalidTransition,
            ErrorCode::ConnectorFailed,
            ErrorCode::ConnectorTimeout,
            ErrorCode::WorkerLost,
            ErrorCode::CircuitOpen,
        ]
        .map(ErrorCode::as_str),
    );
    let in_use = ErrorCode::ALL.iter().filter(|code| matches!(code.entry().usage, Usage::Current));
    assert_eq!(tested, in_use.map(|code| code.as_str()).collect());
}

#[tokio::test]
async fn a_schema_of_another_version_is_refused_by_every_entry_point() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let failed_checks = || server.log().matches("the database is not ready").count();
    let before = failed_checks();
    server.data_directory.sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 29990101000000, 'of a later version', success, checksum, 0 FROM _sqlx_migrations LIMIT 1",
    );
    // The server checks the schema every 2 s. A check that began before the insertion may still report the
    // former state.
    block_until("a failed check of the schema", || failed_checks() > before);
    server.get("/readyz", "").await.problem(503, "SCHEMA_OUT_OF_DATE");
    assert_refused_everywhere(&server, &token, ErrorCode::SchemaOutOfDate, |_| {}).await;
    server.data_directory.sql("DELETE FROM _sqlx_migrations WHERE version = 29990101000000");
    // A check of the schema that began before the deletion may still report the former state.
    let (key, draft) = (new_key(), draft());
    wait_for_value("a tenant", async || {
        let reply = send_via(&server, EntryPoint::Api, &token, &key, &draft).await;
        assert!([201, 503].contains(&reply.status), "{}", reply.text);
        (reply.status == 201).then_some(())
    })
    .await;
    server.wait_until_ready().await;
}
