use serde_json::json;

use super::*;

const COPY: &str = "STEP_1_COPY_DB";
const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";
const FINALIZE: &str = "STEP_7_FINALIZE_TENANT";

/// A bridge that knows no address, which is a failure that will stay.
pub(super) fn deaf_bridge() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            answer_404(connection);
        }
    });
    format!("[bridge]\nurl = \"http://{address}\"\ntoken = \"word\"")
}

fn answer_404(mut connection: std::net::TcpStream) {
    use std::io::{Read, Write};
    let _ = connection.read(&mut [0; 4096]);
    let _ = connection.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

fn databases(pipeline: &Pipeline) -> String {
    pipeline.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE 'ten-%'")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_gets_its_marked_copy_and_is_active() {
    let pipeline = Pipeline::start("", "", &[]);
    pipeline.make_template();
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    let request = pipeline.soon(id, FINALIZE, "succeeded").await;
    assert_eq!(state_of(&request, COPY), "succeeded");
    assert_eq!(state_of(&request, BRIDGE), "skipped");
    let database = database_of(&made);
    let mark =
        format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{database}'");
    assert_eq!(pipeline.sql(&mark), format!("tenantry:request:{id}"));
    assert_eq!(pipeline.sql("SELECT status FROM tenants"), "active");
    // Nothing is left to decide.
    pipeline.post(id, "/retry", None).await.problem(409, "INVALID_TRANSITION");
    let reason = json!({ "reason": "a test" });
    pipeline.post(id, "/rollback", Some(reason)).await.problem(409, "INVALID_TRANSITION");
    assert_eq!(databases(&pipeline), database);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_answered_the_same_while_steps_run_and_after() {
    let pipeline = Pipeline::start("", "", &[]);
    pipeline.make_template();
    let (key, body) = (new_key(), good_body());
    let first = pipeline.server.provision(&pipeline.token, &key, &body).await;
    assert_eq!(first.status, 202, "{}", first.text);
    let made = first.json();
    pipeline.soon(text(&made, "/requestId"), FINALIZE, "succeeded").await;
    let again = pipeline.server.provision(&pipeline.token, &key, &body).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"), "{}", again.text);
    assert_eq!(again.json()["tenant"]["code"], made["tenant"]["code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_template_is_a_dead_letter_until_it_is_there_and_tried_again() {
    let pipeline = Pipeline::start("", "", &[]);
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    let dead = pipeline.soon(id, COPY, "dead").await;
    assert_eq!(state_of(&dead, FINALIZE), "pending");
    // The blueprint does not let a copy be skipped.
    pipeline.post(id, "/skip", None).await.problem(409, "INVALID_TRANSITION");
    pipeline.make_template();
    let retried = pipeline.post(id, "/retry", None).await;
    assert_eq!(retried.status, 200, "{}", retried.text);
    assert_eq!(text(&retried.json(), "/id"), id);
    let request = pipeline.soon(id, FINALIZE, "succeeded").await;
    assert!(request["audit"].to_string().contains("step.retried"), "{}", request["audit"]);
    assert_eq!(pipeline.server.command_json(&["verify", "--json"])["violations"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_step_can_be_done_without_where_the_blueprint_allows_it() {
    let pipeline = Pipeline::start(&deaf_bridge(), &format!("{BRIDGE:?}"), &[]);
    pipeline.make_template();
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    pipeline.soon(id, BRIDGE, "dead").await;
    let skipped = pipeline.post(id, "/skip", None).await;
    assert_eq!(skipped.status, 200, "{}", skipped.text);
    assert_eq!(state_of(&skipped.json(), BRIDGE), "skipped");
    pipeline.soon(id, FINALIZE, "succeeded").await;
    assert_eq!(pipeline.sql("SELECT status FROM tenants"), "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_leaves_nothing_and_the_slug_free() {
    let pipeline = Pipeline::start(&deaf_bridge(), "", &[]);
    pipeline.make_template();
    let body = good_body();
    let made = pipeline.order(&body).await;
    let id = text(&made, "/requestId");
    pipeline.soon(id, BRIDGE, "dead").await;
    assert_eq!(databases(&pipeline), database_of(&made));

    let undone = pipeline.post(id, "/rollback", Some(json!({ "reason": "the wrong customer" }))).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    let undone = undone.json();
    assert_eq!(undone["status"], "rolled_back");
    assert_eq!(
        (state_of(&undone, COPY), state_of(&undone, FINALIZE)),
        ("compensated".into(), "compensated".into())
    );
    assert_eq!(databases(&pipeline), "");
    assert_eq!(pipeline.sql("SELECT count(*) FROM tenants"), "0");
    assert_eq!(pipeline.server.command_json(&["verify", "--json"])["violations"], json!([]));

    let again = pipeline.order(&body).await;
    assert_eq!(again["tenant"]["slug"], body["slug"]);
    let other = pipeline.post(id, "/rollback", Some(json!({ "reason": "twice" }))).await;
    other.problem(409, "INVALID_TRANSITION");
}
