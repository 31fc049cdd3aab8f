//! The error codes of connectors.

use std::net::TcpListener;

use super::*;
use crate::support::wait_until;

const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";

/// The codes of a step's attempts, oldest first.
fn codes(request: &Value, step: &str) -> Vec<String> {
    let steps = request["steps"].as_array().unwrap();
    let step = steps.iter().find(|facts| facts["name"] == step).unwrap();
    let attempts = step["attempts"].as_array().unwrap().iter().rev();
    attempts.filter_map(|attempt| attempt["code"].as_str()).map(str::to_owned).collect()
}

async fn wait_for_codes(pipeline: &Pipeline, id: &str, expected: &[&str]) {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let codes = codes(&pipeline.request(id).await, BRIDGE);
        if codes.starts_with(&expected.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>()) {
            return;
        }
        assert!(Instant::now() < end, "{codes:?} does not begin with {expected:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn each_connector_code_is_reported() {
    // Accepts connections but never responds.
    let bridge = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = bridge.local_addr().unwrap();
    let settings = format!("[bridge]\nurl = \"http://{address}\"\ntoken = \"token\"");
    let pipeline = Pipeline::start(&settings, "", &[]);
    pipeline.make_template();
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    pipeline.soon(id, BRIDGE, "running").await;

    // The lease expires, so the second worker takes over the step and waits for the bridge as well.
    pipeline.sql("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'");
    wait_for_codes(&pipeline, id, &["CONNECTOR_TIMEOUT"]).await;
    // The bridge closes its connections.
    drop(bridge);
    wait_for_codes(&pipeline, id, &["CONNECTOR_TIMEOUT", "CONNECTOR_FAILED"]).await;

    pipeline.sql(
        "INSERT INTO breakers (connector, state, failures, until) VALUES ('bridge', 'open', 5, now() + interval '1 hour')
         ON CONFLICT (connector) DO UPDATE SET state = 'open', until = EXCLUDED.until",
    );
    wait_until(|| pipeline.server.log().contains("CIRCUIT_OPEN"));
}
