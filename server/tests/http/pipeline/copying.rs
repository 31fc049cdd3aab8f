use serde_json::json;

use super::*;

const COPY: &str = "STEP_1_COPY_DB";
const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";
const FINALIZE: &str = "STEP_7_FINALIZE_TENANT";

/// The settings of a bridge that responds to every call with 404, which is a permanent failure.
pub(super) fn failing_bridge() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            respond_404(connection);
        }
    });
    format!("[bridge]\nurl = \"http://{address}\"\ntoken = \"word\"")
}

fn respond_404(mut connection: std::net::TcpStream) {
    use std::io::{Read, Write};
    let _ = connection.read(&mut [0; 4096]);
    let _ = connection.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

fn databases(pipeline: &PipelineServer) -> String {
    pipeline.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE 'ten-%'")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_gets_a_marked_copy_and_becomes_active() {
    let pipeline = PipelineServer::start("", "", &[]);
    pipeline.create_template();
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    let request = pipeline.wait_for_step(id, FINALIZE, "succeeded").await;
    assert_eq!(state_of(&request, COPY), "succeeded");
    assert_eq!(state_of(&request, BRIDGE), "skipped");
    let database = database_of(&provisioned);
    let mark =
        format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{database}'");
    assert_eq!(pipeline.sql(&mark), format!("tenantry:request:{id}"));
    assert_eq!(pipeline.sql("SELECT status FROM tenants"), "active");
    // No step is dead, so no action is available.
    pipeline.post(id, "/retry", None).await.problem(409, "INVALID_TRANSITION");
    let confirmation = json!({ "slug": text(&provisioned, "/tenant/slug"), "reason": "a test" });
    pipeline.post(id, "/rollback", Some(confirmation)).await.problem(409, "INVALID_TRANSITION");
    assert_eq!(databases(&pipeline), database);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_has_the_status_of_the_first_response_after_all_steps_have_succeeded() {
    let pipeline = PipelineServer::start("", "", &[]);
    pipeline.create_template();
    let (key, body) = (new_key(), valid_body());
    let first = pipeline.server.provision(&pipeline.token, &key, &body).await;
    assert_eq!(first.status, 202, "{}", first.text);
    let provisioned = first.json();
    pipeline.wait_for_step(text(&provisioned, "/requestId"), FINALIZE, "succeeded").await;
    let replay = pipeline.server.provision(&pipeline.token, &key, &body).await;
    assert_eq!((replay.status, replay.header("idempotent-replayed")), (202, "true"), "{}", replay.text);
    assert_eq!(replay.json()["tenant"]["code"], provisioned["tenant"]["code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_without_its_template_is_dead_until_an_admin_retries_it() {
    let pipeline = PipelineServer::start("", "", &[]);
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    let dead = pipeline.wait_for_step(id, COPY, "dead").await;
    assert_eq!(state_of(&dead, FINALIZE), "pending");
    // The blueprint does not allow skipping the copy.
    pipeline.post(id, "/skip", None).await.problem(409, "INVALID_TRANSITION");
    pipeline.create_template();
    let retried = pipeline.post(id, "/retry", None).await;
    assert_eq!(retried.status, 200, "{}", retried.text);
    assert_eq!(text(&retried.json(), "/id"), id);
    let request = pipeline.wait_for_step(id, FINALIZE, "succeeded").await;
    assert!(request["audit"].to_string().contains("step.retried"), "{}", request["audit"]);
    assert_eq!(pipeline.server.command_json(&["verify", "--json"])["violations"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_step_can_be_skipped_if_the_blueprint_allows_it() {
    let pipeline = PipelineServer::start(&failing_bridge(), &format!("{BRIDGE:?}"), &[]);
    pipeline.create_template();
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, BRIDGE, "dead").await;
    let skipped = pipeline.post(id, "/skip", None).await;
    assert_eq!(skipped.status, 200, "{}", skipped.text);
    assert_eq!(state_of(&skipped.json(), BRIDGE), "skipped");
    pipeline.wait_for_step(id, FINALIZE, "succeeded").await;
    assert_eq!(pipeline.sql("SELECT status FROM tenants"), "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_removes_everything_and_makes_the_slug_available() {
    let pipeline = PipelineServer::start(&failing_bridge(), "", &[]);
    pipeline.create_template();
    let body = valid_body();
    let provisioned = pipeline.provision(&body).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, BRIDGE, "dead").await;
    assert_eq!(databases(&pipeline), database_of(&provisioned));

    let confirmation = |reason| Some(json!({ "slug": body["slug"], "reason": reason }));
    let rolled_back = pipeline.post(id, "/rollback", confirmation("the wrong customer")).await;
    assert_eq!(rolled_back.status, 200, "{}", rolled_back.text);
    let rolled_back = rolled_back.json();
    assert_eq!(rolled_back["status"], "rolled_back");
    assert_eq!(
        (state_of(&rolled_back, COPY), state_of(&rolled_back, FINALIZE)),
        ("compensated".into(), "compensated".into())
    );
    assert_eq!(databases(&pipeline), "");
    assert_eq!(pipeline.sql("SELECT count(*) FROM tenants"), "0");
    assert_eq!(pipeline.server.command_json(&["verify", "--json"])["violations"], json!([]));

    let second = pipeline.provision(&body).await;
    assert_eq!(second["tenant"]["slug"], body["slug"]);
    let second = pipeline.post(id, "/rollback", confirmation("twice")).await;
    second.problem(409, "INVALID_TRANSITION");
}
