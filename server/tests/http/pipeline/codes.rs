//! The error codes of connectors.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use super::*;
use test_support::wait::wait_for_value;

const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";

/// The codes of a step's attempts, oldest first.
fn codes(request: &Value, step: &str) -> Vec<String> {
    let steps = request["steps"].as_array().unwrap();
    let step = steps.iter().find(|step_json| step_json["name"] == step).unwrap();
    let attempts = step["attempts"].as_array().unwrap().iter().rev();
    attempts.filter_map(|attempt| attempt["code"].as_str()).map(str::to_owned).collect()
}

async fn wait_for_codes(pipeline: &PipelineServer, id: &str, expected: &[&str]) {
    wait_for_value(&format!("the codes {expected:?}"), async || {
        codes(&pipeline.request(id).await, BRIDGE)
            .starts_with(&expected.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>())
            .then_some(())
    })
    .await;
}

/// Responds with 408 to the request of each connection that is open.
fn respond_with_timeout(bridge: &TcpListener) {
    while let Ok((mut connection, _)) = bridge.accept() {
        connection.set_nonblocking(false).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let length = connection.read(&mut [0; 4096]).unwrap_or(0);
        // The connection of a lost attempt may be closed already.
        if length > 0 {
            let _ = connection.write_all(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n");
        }
    }
}

#[tokio::test]
async fn each_connector_code_is_reported() {
    // A bridge that accepts connections but does not respond yet.
    let bridge = TcpListener::bind("127.0.0.1:0").unwrap();
    bridge.set_nonblocking(true).unwrap();
    let address = bridge.local_addr().unwrap();
    let settings = format!("[bridge]\nurl = \"http://{address}\"\ntoken = \"token\"");
    let pipeline = PipelineServer::start(&settings, "", &[]);
    pipeline.create_template();
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, BRIDGE, "running").await;

    // The lease expires, so the second worker takes over the step and waits for the bridge as well.
    pipeline.sql("UPDATE jobs SET due_at = now() - interval '1 second' WHERE state = 'running'");
    wait_for_codes(&pipeline, id, &["WORKER_LOST"]).await;
    wait_for_value("the attempt to time out", async || {
        respond_with_timeout(&bridge);
        (codes(&pipeline.request(id).await, BRIDGE).len() > 1).then_some(())
    })
    .await;
    wait_for_codes(&pipeline, id, &["WORKER_LOST", "CONNECTOR_TIMEOUT"]).await;
    // The bridge refuses connections.
    drop(bridge);
    wait_for_codes(&pipeline, id, &["WORKER_LOST", "CONNECTOR_TIMEOUT", "CONNECTOR_FAILED"]).await;

    pipeline.sql(
        "INSERT INTO breakers (connector, state, failures, next_test_at)
         VALUES ('bridge', 'open', 5, now() + interval '1 hour')
         ON CONFLICT (connector) DO UPDATE
             SET state = 'open', next_test_at = EXCLUDED.next_test_at, test_job_id = NULL",
    );
    wait_for_value("a step that waits for its connector", async || {
        let steps = pipeline.request(id).await["steps"].clone();
        steps.as_array().unwrap().iter().any(|step| step["waitCode"] == "CIRCUIT_OPEN").then_some(())
    })
    .await;
}
