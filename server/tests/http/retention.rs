use serde_json::{Value, json};

use crate::support::{TestServer, new_key, valid_body};

#[tokio::test]
async fn a_cleanup_removes_the_personal_data_that_a_dry_run_counts() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let mut body = valid_body();
    body["slug"] = "-".into();
    body["owner"]["email"] = "personal@example.com".into();
    let refused = server.provision(&token, &new_key(), &body).await.problem(422, "INVALID_SLUG");
    let path = format!("/api/v1/admin/provisioning-requests/{}", refused["requestId"].as_str().unwrap());
    server.data_directory.sql(
        "UPDATE provisioning_requests SET finished_at = finished_at - interval '91 days';
         UPDATE provisioning_attempts SET finished_at = finished_at - interval '91 days', message = 'personal'",
    );
    let expected = |is_dry_run: bool, count: u64| {
        json!({
            "dryRun": is_dry_run, "failedRequests": [], "rolledBack": [], "failedRollbacks": [],
            "suspendedTenants": [], "purgingTenants": [],
            "redactedRequests": count, "redactedAttempts": count, "cleanedJobs": 0, "deletedMessages": 0,
        })
    };
    let clean_up = |days, more: &[&'static str]| {
        let arguments = ["cleanup", "--json", "--retention-days", days];
        server.command_json(&[&arguments[..], more].concat())
    };
    assert_eq!(server.command_json(&["cleanup", "--json"]), expected(false, 0));
    assert_eq!(clean_up("92", &[]), expected(false, 0));
    assert_eq!(clean_up("90", &["--dry-run"]), expected(true, 1));
    assert_eq!(server.get(&path, &token).await.json()["ownerEmail"], "personal@example.com");
    assert_eq!(clean_up("90", &[]), expected(false, 1));
    assert_eq!(clean_up("90", &[]), expected(false, 0));

    let detail = server.get(&path, &token).await;
    let (record, text) = (detail.json(), detail.text);
    assert!(record["redactedAt"].is_string() && !text.contains("personal"), "{text}");
    assert_eq!((&record["payload"], &record["code"]), (&json!({}), &Value::from("INVALID_SLUG")));
    let csv = server.get("/api/v1/admin/provisioning-requests/export?format=csv", &token).await.text;
    assert!(csv.contains(",attempts,redacted at") && !csv.contains("personal"), "{csv}");
    let id = refused["requestId"].as_str().unwrap();
    for page in ["/provisioning".to_owned(), format!("/provisioning/{id}")] {
        let request = server.request(reqwest::Method::GET, &page).bearer_auth(&token);
        let page = server.send(request).await.text;
        assert!(page.contains("Redacted tenant") && !page.contains("personal@"), "{page}");
    }
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}
