use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestServer, new_key, valid_body};

#[tokio::test]
async fn a_request_is_found_by_id_code_key_slug_and_email() {
    let server = TestServer::shared().await;
    let (token, key, body) = (server.token("ADMIN"), new_key(), valid_body());
    let provisioned = server.provision(&token, &key, &body).await.json();
    let id = provisioned["requestId"].as_str().unwrap();
    let code = provisioned["tenant"]["code"].as_str().unwrap();
    for text in [id, code, &key, body["slug"].as_str().unwrap(), body["owner"]["email"].as_str().unwrap()] {
        let page = server
            .get(&format!("/api/v1/admin/provisioning-requests?q={text}&status=completed&days=1"), &token)
            .await
            .json();
        assert_eq!(page["requests"].as_array().unwrap().len(), 1, "{text}: {page}");
        assert_eq!(page["requests"][0]["id"], id);
    }
    for path in [format!("/{id}"), format!("/by-key/{key}")] {
        let detail = server.get(&format!("/api/v1/admin/provisioning-requests{path}"), &token).await.json();
        assert_eq!(detail["status"], "completed");
        assert_eq!(detail["attemptLog"][0]["stages"].as_array().unwrap().len(), 10);
        assert!(!detail.to_string().contains("sk_live_"));
    }
    let other = server.token("VIEWER");
    let by_key = |key: &str| format!("/api/v1/admin/provisioning-requests/by-key/{key}");
    assert_eq!(server.get(&by_key(&key), &other).await.json()["id"], id);
    server.get(&by_key(&new_key()), &token).await.problem(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn only_admins_see_database_messages() {
    let server = TestServer::shared().await;
    let (token, viewer, body) = (server.token("ADMIN"), server.token("VIEWER"), valid_body());
    assert_eq!(server.provision(&token, &new_key(), &body).await.status, 201);
    let refused = server.provision(&token, &new_key(), &body).await;
    let id = refused.json()["requestId"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/provisioning-requests/{id}");
    for (token, sees_message) in [(&token, true), (&viewer, false)] {
        let detail = server.get(&path, token).await;
        let events = server.get(&format!("{path}/events"), token).await;
        let function = server.call("open_request", token, &json!({ "id": id })).await;
        let page =
            server.send(server.request(Method::GET, &format!("/provisioning/{id}")).bearer_auth(token)).await;
        for reply in [detail, events, function, page] {
            assert_eq!(reply.status, 200, "{}", reply.text);
            assert_eq!(reply.text.contains("TN003: "), sees_message, "{}", reply.text);
            assert!(reply.text.contains("EMAIL_UNAVAILABLE"), "{}", reply.text);
        }
    }
}

#[tokio::test]
async fn only_admins_see_why_an_address_is_not_available() {
    let server = TestServer::shared().await;
    let (token, viewer, body) = (server.token("ADMIN"), server.token("VIEWER"), valid_body());
    assert_eq!(server.provision(&token, &new_key(), &body).await.status, 201);
    let refused = server.provision(&token, &new_key(), &body).await.json();
    let path = format!("/api/v1/admin/provisioning-requests/{}", refused["requestId"].as_str().unwrap());
    let problem = server.get(&path, &token).await.json()["problem"].take();
    assert_eq!(problem["emailReason"], "owns_tenant");
    assert_eq!(problem["conflict"]["name"], body["name"]);
    let problem = server.get(&path, &viewer).await.json()["problem"].take();
    assert_eq!(problem["code"], "EMAIL_UNAVAILABLE");
    assert!(problem["emailReason"].is_null() && problem["conflict"].is_null(), "{problem}");
}

#[tokio::test]
async fn the_event_stream_reports_the_end_and_closes() {
    let server = TestServer::shared().await;
    let (token, key) = (server.token("ADMIN"), new_key());
    let provisioned = server.provision(&token, &key, &valid_body()).await.json();
    let path =
        format!("/api/v1/admin/provisioning-requests/{}/events", provisioned["requestId"].as_str().unwrap());
    let stream = server.get(&path, &token).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert!(stream.text.starts_with("event: request\nid: "), "{}", stream.text);
    assert!(stream.text.contains("\"status\":\"completed\""));
    // A client with the ID of the last event gets no stream. A client with another ID gets the last event.
    let id = stream.text.lines().nth(1).unwrap().strip_prefix("id: ").unwrap();
    let reconnect =
        |id: &str| server.request(Method::GET, &path).bearer_auth(&token).header("last-event-id", id);
    assert_eq!(server.send(reconnect(id)).await.status, 204);
    assert_eq!(server.send(reconnect("1")).await.text, stream.text);
    server
        .get("/api/v1/admin/provisioning-requests/by-key/x/events", &token)
        .await
        .problem(400, "IDEMPOTENCY_KEY_INVALID");
}

#[tokio::test]
async fn events_by_key_wait_for_the_request_to_appear() {
    let server = TestServer::shared().await;
    let (token, key) = (server.token("ADMIN"), new_key());
    let path = format!("/api/v1/admin/provisioning-requests/by-key/{key}/events");
    let request = server.request(Method::GET, &path).bearer_auth(&token);
    let mut stream = request.send().await.unwrap();
    let first = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.starts_with("event: waiting\n"), "{first}");
    assert_eq!(server.provision(&token, &key, &valid_body()).await.status, 201);
    let mut rest = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        rest.push_str(&String::from_utf8_lossy(&chunk));
    }
    let last = rest.lines().rfind(|line| line.starts_with("data: {")).expect("an event");
    let detail: Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(detail["status"], "completed");
}

#[tokio::test]
async fn an_export_contains_all_pages_of_the_filtered_history() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let name = format!("export-{}", &new_key()[..8]);
    for _ in 0..53 {
        let mut body = valid_body();
        (body["name"], body["slug"]) = (Value::from(name.as_str()), Value::from("-"));
        server.provision(&token, &new_key(), &body).await.problem(422, "INVALID_SLUG");
    }
    let path = format!("/api/v1/admin/provisioning-requests/export?q={name}&code=INVALID_SLUG");
    let csv = server.get(&format!("{path}&format=csv"), &token).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), 54, "{}", csv.text);
    assert!(csv.text.starts_with("\u{feff}id,status,code,tenant,slug,"));
    // A value that a spreadsheet would read as a formula is exported as text.
    assert!(csv.text.contains(",'-,"), "{}", csv.text);
    let json = server.get(&format!("{path}&format=json"), &token).await.json();
    assert_eq!(json.as_array().unwrap().len(), 53);
    server.get(&format!("{path}&format=xml"), &token).await.problem(422, "VALIDATION_ERROR");
    let viewer = server.token("VIEWER");
    server.get(&format!("{path}&format=csv"), &viewer).await.problem(403, "FORBIDDEN");
}

#[tokio::test]
async fn every_unknown_repeated_or_invalid_parameter_of_the_history_is_reported() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let query = "status=FAILED&days=abc&after=garbage&admin=ann&code=NO_CODE&state=failed&q=a&q=b";
    for (path, names) in [
        ("?", "state q status code admin days after"),
        ("/export?format=csv&", "state q status code admin days after"),
        ("/export?format=xml&", "state q status code admin days after format"),
    ] {
        let path = format!("/api/v1/admin/provisioning-requests{path}{query}");
        let problem = server.get(&path, &token).await.problem(422, "VALIDATION_ERROR");
        let fields =
            problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap());
        assert_eq!(fields.collect::<Vec<_>>().join(" "), names, "{path}");
    }
    let valid = "/api/v1/admin/provisioning-requests?status=failed&days=30&code=TIMEOUT&q=&after=";
    assert_eq!(server.get(valid, &token).await.status, 200);
}
