use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key, valid_body};

const FIELDS: [&str; 24] = [
    "name",
    "slug",
    "plan",
    "timeZone",
    "currency",
    "blueprint",
    "theme",
    "commission",
    "owner.name",
    "owner.email",
    "shortName",
    "industry",
    "externalId",
    "settings.companyName",
    "settings.supportEmail",
    "settings.supportPhone",
    "settings.websiteUrl",
    "settings.locale",
    "settings.emailFromName",
    "settings.emailFromAddress",
    "branding.logoUrl",
    "branding.colorPrimary",
    "branding.colorSecondary",
    "branding.colorAccent",
];

/// The fields that accept any text.
const FREE_TEXTS: [&str; 7] = [
    "name",
    "owner.name",
    "shortName",
    "industry",
    "externalId",
    "settings.companyName",
    "settings.emailFromName",
];

/// A valid body with another value in one field.
fn body_with(field: &str, value: Value) -> Value {
    let mut body = valid_body();
    match field.split_once('.') {
        Some((outer, inner)) => body[outer][inner] = value,
        None => body[field] = value,
    }
    body
}

async fn send_text(
    server: &TestServer,
    token: &str,
    content_type: &str,
    text: impl Into<reqwest::Body>,
) -> Reply {
    let request = server.provision_request(token).header("idempotency-key", new_key());
    server.send(request.header("content-type", content_type).body(text)).await
}

#[tokio::test]
async fn invalid_json_is_refused_with_its_position() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let deep = "[".repeat(10_000);
    for text in ["", "{", "{\"name\": }", "nul", "{\"a\":1e999}", "\u{0}", "{\"name\":\"\u{1}\"}", &deep] {
        let reply = send_text(&server, &token, "application/json", text.to_owned()).await;
        let problem = reply.problem(422, "VALIDATION_ERROR");
        assert!(problem["detail"].as_str().unwrap().contains("line 1"), "{problem}");
    }
    let reply = send_text(&server, &token, "application/json", vec![b'"', 0xff, b'"']).await;
    reply.problem(422, "VALIDATION_ERROR");
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "json"] {
        let reply = send_text(&server, &token, content_type, valid_body().to_string()).await;
        reply.problem(415, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_with_413() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    for size in [64 * 1024 + 1, 1024 * 1024, 7 * 1024 * 1024] {
        let reply = send_text(&server, &token, "application/json", "x".repeat(size)).await;
        reply.problem(413, "VALIDATION_ERROR");
    }
    let largest = send_text(&server, &token, "application/json", "x".repeat(64 * 1024)).await;
    largest.problem(422, "VALIDATION_ERROR");
    let form = "x".repeat(100_000);
    assert_eq!(server.post_form("/login", "", &[("email", &form)]).await.status, 413);
    server.call("check_slug", &token, &json!({ "slug": form })).await.failure(413, "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_byte_order_mark_before_the_json_is_ignored() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let marked = |marks: usize| "\u{FEFF}".repeat(marks) + &valid_body().to_string();
    let reply = send_text(&server, &token, "application/json", marked(1)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    send_text(&server, &token, "application/json", marked(2)).await.problem(422, "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_compressed_body_is_refused_with_the_accepted_coding() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let send = async |coding: &str| {
        let request = server.provision_request(&token).header("idempotency-key", new_key());
        let request = request.header("content-type", "application/json").header("content-encoding", coding);
        server.send(request.body(valid_body().to_string())).await
    };
    for coding in ["gzip", "GZIP", "br", "identity, gzip", "x-unknown"] {
        let reply = send(coding).await;
        let problem = reply.problem(415, "VALIDATION_ERROR");
        assert!(problem["detail"].as_str().unwrap().contains("Content-Encoding is identity"), "{problem}");
        assert_eq!(reply.header("accept-encoding"), "identity");
    }
    for coding in ["identity", "Identity", ""] {
        assert_eq!(send(coding).await.status, 201, "{coding:?}");
    }

    let form = server.request(Method::POST, "/login").header("accept", "text/html");
    let form = form.header("origin", &server.origin).header("content-encoding", "gzip");
    let reply = server.send(form.form(&[("email", "ada@example.com"), ("password", "x")])).await;
    assert_eq!(reply.status, 415);
    assert!(reply.text.contains("without compression"), "{}", reply.text);
    let request = server.request(Method::GET, "/api/v1/admin/provisioning-requests").bearer_auth(&token);
    assert_eq!(server.send(request.header("content-encoding", "gzip")).await.status, 200);
}

#[tokio::test]
async fn all_invalid_fields_are_named_at_once() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let body = json!({ "name": "", "slug": "-a", "plan": "gold", "timeZone": "Mars", "currency": "eur", "owner": { "name": "\t", "email": "a@" },
        "blueprint": "none", "theme": "neon", "commission": 101, "shortName": "x".repeat(41),
        "settings": { "supportEmail": "help", "locale": "english", "websiteUrl": "goldenspoon.io" },
        "branding": { "colorPrimary": "#ffffff", "logoUrl": "javascript:alert(1)" } });
    let reply = server.provision(&token, &new_key(), &body).await;
    reply.problem(422, "VALIDATION_ERROR");
    let expected = [
        "name",
        "slug",
        "plan",
        "timeZone",
        "currency",
        "owner.name",
        "owner.email",
        "blueprint",
        "theme",
        "commission",
        "shortName",
        "settings.supportEmail",
        "settings.websiteUrl",
        "settings.locale",
        "branding.logoUrl",
        "branding.colorPrimary",
    ];
    assert_eq!(reply.fields(), expected);
    let reply = server.provision(&token, &new_key(), &json!({})).await;
    assert_eq!(reply.fields(), ["name", "slug"]);
    let reply = server.provision(&token, &new_key(), &json!({ "owner": {} })).await;
    assert_eq!(reply.fields(), ["name", "slug", "owner.name", "owner.email"]);
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_named() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    for field in FIELDS {
        for value in [json!([]), json!({}), json!(true), json!({ "$ne": 1 })] {
            let reply = server.provision(&token, &new_key(), &body_with(field, value)).await;
            assert_eq!(reply.status, 422, "{field}: {}", reply.text);
            assert_eq!(reply.fields(), [field], "{}", reply.text);
        }
    }
    for body in [json!([]), json!("text"), json!(null), json!(7)] {
        let reply = server.provision(&token, &new_key(), &body).await;
        reply.problem(422, "VALIDATION_ERROR");
    }
    let reply = server.provision(&token, &new_key(), &body_with("ownr", json!("x"))).await;
    assert_eq!(reply.fields(), ["ownr"]);
}

#[tokio::test]
async fn hostile_text_is_refused_or_stored_as_text() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let nul = "a\0b";
    let sql = "'; DROP TABLE tenantry.tenants; --";
    let long = "x".repeat(10_000);
    for field in FIELDS {
        for text in [nul, sql, &long, "🍕🍕🍕🍕", "\u{202e}gnp.exe", "العربية", "<script>alert(1)</script>"]
        {
            let reply = server.provision(&token, &new_key(), &body_with(field, json!(text))).await;
            let is_free_text = FREE_TEXTS.contains(&field);
            let is_accepted = ![nul, &long, "\u{202e}gnp.exe"].contains(&text);
            if is_free_text && is_accepted {
                assert_eq!(reply.status, 201, "{field}: {}", reply.text);
            } else {
                assert_eq!(reply.status, 422, "{field} {text:.20}: {}", reply.text);
                assert_eq!(reply.fields(), [field], "{}", reply.text);
            }
        }
    }
    let history = server.get("/api/v1/admin/provisioning-requests?q=%00%27%3B--", &token).await;
    assert_eq!(history.status, 200, "{}", history.text);
}

#[tokio::test]
async fn each_invalid_slug_is_refused_with_its_rule() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let long = "a".repeat(64);
    for slug in [
        "xn--a",
        "ab--c",
        "-a",
        "a-",
        "admin",
        "gоlden-spoon",
        "аdmin",
        &long,
        "ab",
        "A-b-c",
        "a b",
        "1abc",
        "a_b",
    ] {
        let reply = server.provision(&token, &new_key(), &body_with("slug", json!(slug))).await;
        let problem = reply.problem(422, "INVALID_SLUG");
        let rule = problem["errors"][0]["rule"].as_str().unwrap();
        assert!(!rule.is_empty() && problem["errors"][0]["field"] == "slug", "{problem}");
        let query = [("slug", slug)];
        let request = server.request(Method::GET, "/api/v1/admin/availability/slug").query(&query);
        let availability = server.send(request.bearer_auth(&token)).await.problem(422, "INVALID_SLUG");
        assert_eq!(availability["errors"], problem["errors"]);
    }
}

#[tokio::test]
async fn a_refused_attempt_is_recorded_and_its_key_can_be_used_again() {
    let server = TestServer::shared().await;
    let (token, key) = (server.token("ADMIN"), new_key());
    let refused = server.provision(&token, &key, &body_with("plan", json!("gold"))).await;
    let problem = refused.problem(422, "VALIDATION_ERROR");
    let path = format!("/api/v1/admin/provisioning-requests/{}", problem["requestId"].as_str().unwrap());
    assert_eq!(server.get(&path, &token).await.json()["status"], "failed");
    assert_eq!(server.provision(&token, &key, &valid_body()).await.status, 201);
    let record = server.get(&path, &token).await.json();
    assert_eq!((record["status"].clone(), record["attempts"].clone()), ("completed".into(), 2.into()));
}

#[tokio::test]
async fn an_unreadable_body_is_recorded() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    for (content_type, text, status, rule) in
        [("application/json", "{", 422, "json"), ("text/plain", "{}", 415, "content_type")]
    {
        let reply = send_text(&server, &token, content_type, text).await;
        let problem = reply.problem(status, "VALIDATION_ERROR");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
        let id = problem["requestId"].as_str().expect("a recorded request");
        let record = server.get(&format!("/api/v1/admin/provisioning-requests/{id}"), &token).await.json();
        assert_eq!((&record["status"], &record["name"]), (&json!("failed"), &json!("")));
        let errors = record["problem"]["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{record}");
        assert_eq!((&errors[0]["field"], &errors[0]["rule"]), (&json!(""), &json!(rule)));
    }
}
