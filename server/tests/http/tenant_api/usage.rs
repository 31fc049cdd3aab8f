//! Metered use and quotas.

use serde_json::{Value, json};

use super::{Program, rules};
use crate::support::{TestServer, new_key};

/// The use of a metric.
async fn used(program: &Program<'_>, metric: &str) -> Value {
    let usage = program.json("/usage").await["usage"].clone();
    let found = usage.as_array().unwrap().iter().find(|usage| usage["metric"] == metric);
    found.unwrap()["used"].clone()
}

fn quotes(quantity: u32) -> Value {
    json!({ "metric": "quotes", "quantity": quantity })
}

#[tokio::test]
async fn a_new_tenant_uses_one_account_and_has_the_limits_of_its_plan() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let month = program.sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')");
    assert_eq!(
        program.json("/usage").await["usage"],
        json!([
            { "metric": "users", "period": null, "used": 1, "limit": 25 },
            { "metric": "quotes", "period": month, "used": 0, "limit": 1000 },
            { "metric": "storage_bytes", "period": null, "used": 0, "limit": 10_000_000_000_i64 },
        ])
    );
}

#[tokio::test]
async fn quotes_add_up_and_the_storage_is_replaced() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    for (quantity, total) in [(3, 3), (4, 7)] {
        let reported = program.post("/usage", &new_key(), &quotes(quantity)).await;
        assert_eq!((reported.status, &reported.json()["used"]), (200, &json!(total)), "{}", reported.text);
    }
    for bytes in [5_000, 2_000] {
        let body = json!({ "metric": "storage_bytes", "quantity": bytes });
        assert_eq!(program.post("/usage", &new_key(), &body).await.json()["used"], bytes);
    }
    assert_eq!(
        (used(&program, "quotes").await, used(&program, "storage_bytes").await),
        (json!(7), json!(2_000))
    );
}

#[tokio::test]
async fn a_repeated_report_counts_once() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let (key, body) = (new_key(), quotes(3));
    let report = || program.post("/usage", &key, &body);
    let replies: [_; 4] = tokio::join!(report(), report(), report(), report()).into();
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.json()["used"] == 3));
    let replayed = replies.iter().filter(|reply| reply.header("idempotent-replayed") == "true").count();
    assert_eq!((replayed, used(&program, "quotes").await), (3, json!(3)));
    program.post("/usage", &key, &quotes(4)).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn reports_at_the_same_time_do_not_exceed_the_quota() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let id = &program.id;
    program.sql(&format!(
        "UPDATE tenants SET quota_overrides = '{{\"maxMonthlyQuotes\": 10}}' WHERE id = '{id}'"
    ));
    let body = quotes(3);
    let report = async || program.post("/usage", &new_key(), &body).await;
    let replies: [_; 6] = tokio::join!(report(), report(), report(), report(), report(), report()).into();
    let (accepted, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!((accepted.len(), refused.len()), (3, 3));
    for reply in refused {
        let problem = reply.problem(409, "QUOTA_EXCEEDED");
        assert_eq!(problem["errors"][0]["rule"], "quota_exceeded");
        let message = problem["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("9 of 10 quotes are used in "), "{message}");
    }
    assert_eq!(used(&program, "quotes").await, 9);
    assert_eq!(program.post("/usage", &new_key(), &quotes(1)).await.json()["used"], 10);

    program.sql(&format!(
        "UPDATE tenants SET quota_overrides = '{{\"maxMonthlyQuotes\": null}}' WHERE id = '{id}'"
    ));
    assert_eq!(program.post("/usage", &new_key(), &quotes(5_000)).await.json()["used"], 5_010);
}

#[tokio::test]
async fn every_invalid_field_of_a_report_is_named() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let rule = |field: &str, rule: &str| (field.to_owned(), rule.to_owned());
    let body = json!({ "metric": "users", "quantity": -1, "month": 11 });
    let refused = program.post("/usage", &new_key(), &body).await;
    let expected = [rule("month", "unknown_field"), rule("quantity", "type"), rule("metric", "unknown")];
    assert_eq!(rules(&refused), expected);
    assert_eq!(used(&program, "quotes").await, 0);
}
