//! What a suspension changes for those who follow the request of the tenant.

use serde_json::json;
use test_support::wait::wait_for_future;

use super::{
    streams::{EventStream, WaitingRequest},
    *,
};

/// Reads events until one shows this status of the tenant, and returns the event.
async fn wait_for_status(stream: &mut EventStream, status: &str) -> Value {
    wait_for_future(&format!("an event with the status {status}"), async {
        loop {
            let event = stream.next().await.expect("the stream is open");
            if event["tenantStatus"] == status {
                return event;
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_event_stream_shows_at_once_that_its_tenant_is_suspended_and_resumed() {
    let waiting = WaitingRequest::create().await;
    let (server, token) = (&waiting.pipeline.server, waiting.token("ADMIN"));
    // As if the last step had activated the tenant.
    waiting.pipeline.sql("UPDATE tenants SET status = 'active'");
    let slug = waiting.pipeline.sql("SELECT slug FROM tenants");
    let mut stream = waiting.open_with_token(&waiting.token("VIEWER")).await;
    wait_for_status(&mut stream, "active").await;
    let change = async |action: &str| {
        let path = format!("/api/v1/admin/tenants/{slug}/{action}");
        let request = server.request(Method::POST, &path).bearer_auth(&token);
        let reply = server.send(request.json(&json!({ "reason": "Unpaid" }))).await;
        assert!((200..300).contains(&reply.status), "{}", reply.text);
    };

    change("suspend").await;
    let suspended = wait_for_status(&mut stream, "suspended").await;
    assert_eq!(suspended["id"], waiting.id.as_str());
    // No worker gets a blocked job.
    assert_eq!(waiting.pipeline.sql("SELECT state FROM jobs WHERE creates_tenant"), "blocked");

    change("resume").await;
    let resumed = wait_for_status(&mut stream, "active").await;
    assert_eq!(resumed["id"], waiting.id.as_str());
}
