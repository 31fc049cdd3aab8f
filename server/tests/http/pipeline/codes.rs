//! The error codes of connectors.

use std::net::TcpListener;

use super::*;
use test_support::wait::{block_until, wait_for_value};

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

#[tokio::test]
async fn each_connector_code_is_reported() {
    // A bridge that accepts connections but never responds.
    let bridge = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = bridge.local_addr().unwrap();
    let settings = format!("[bridge]\nurl = \"http://{address}\"\ntoken = \"token\"");
    let pipeline = PipelineServer::start(&settings, "", &[]);
    pipeline.create_template();
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, BRIDGE, "running").await;

    // The lease expires, so the second worker takes over the step and waits for the bridge as well.
    pipeline.sql("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'");
    wait_for_codes(&pipeline, id, &["CONNECTOR_TIMEOUT"]).await;
    // The bridge closes its connections.
    drop(bridge);
    wait_for_codes(&pipeline, id, &["CONNECTOR_TIMEOUT", "CONNECTOR_FAILED"]).await;

    // The step needs remaining attempts, because a dead step does not run again and cannot find an open
    // circuit.
    pipeline.sql(
        "UPDATE job_steps SET counted_attempts = 1 WHERE state IN ('running', 'retrying');
         INSERT INTO breakers (connector, state, failures, until) VALUES ('bridge', 'open', 5, now() + interval '1 hour')
         ON CONFLICT (connector) DO UPDATE SET state = 'open', until = EXCLUDED.until",
    );
    block_until("an open circuit", || pipeline.server.log().contains("CIRCUIT_OPEN"));
}
