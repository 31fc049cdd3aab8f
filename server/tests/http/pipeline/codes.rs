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

    // The lease expires, so the second worker takes over the step. Its connection is refused.
    drop(bridge);
    pipeline.sql("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'");
    let end = Instant::now() + Duration::from_secs(20);
    let codes = loop {
        let codes = codes(&pipeline.request(id).await, BRIDGE);
        if codes.len() >= 2 {
            break codes;
        }
        assert!(Instant::now() < end, "{codes:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(codes[..2], ["CONNECTOR_TIMEOUT", "CONNECTOR_FAILED"]);

    pipeline.sql(
        "INSERT INTO breakers (connector, state, failures, until) VALUES ('bridge', 'open', 5, now() + interval '1 hour')
         ON CONFLICT (connector) DO UPDATE SET state = 'open', until = EXCLUDED.until",
    );
    wait_until(|| pipeline.server.log().contains("CIRCUIT_OPEN"));
}
