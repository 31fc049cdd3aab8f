use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestServer, body_for, new_key, valid_body};

#[tokio::test]
async fn the_same_key_creates_one_tenant_and_replays_its_outcome() {
    let server = TestServer::shared().await;
    let (token, key, body) = (server.token("ADMIN"), new_key(), valid_body());
    let first = server.provision(&token, &key, &body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.header("idempotent-replayed"), "");
    let provisioned = first.json();
    assert!(provisioned["secretKey"].as_str().unwrap().starts_with("sk_live_"));
    let link = provisioned["owner"]["invitationUrl"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/invitation/", server.origin)));
    assert_eq!(provisioned["tenant"]["commissionPercent"], 12.5);
    assert_eq!(provisioned["packages"].as_array().unwrap().len(), 3);

    let reply = server.provision(&token, &format!("\"{key}\""), &body).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("idempotent-replayed"), "true");
    let replayed = reply.json();
    assert_eq!(replayed["tenant"], provisioned["tenant"]);
    assert!(replayed["secretKey"].is_null() && replayed["owner"]["invitationUrl"].is_null());
    assert_eq!(replayed["secretKeyRevealed"], true);
}

#[tokio::test]
async fn a_key_cannot_be_reused_with_another_payload() {
    let server = TestServer::shared().await;
    let (token, key) = (server.token("ADMIN"), new_key());
    assert_eq!(server.provision(&token, &key, &valid_body()).await.status, 201);
    server.provision(&token, &key, &valid_body()).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn one_valid_key_is_required() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let missing = server.send(server.provision_request(&token).json(&valid_body())).await;
    missing.problem(400, "IDEMPOTENCY_KEY_MISSING");
    for key in ["x", "00000000-0000-0000-0000-000000000000", "'", "\u{e9}"] {
        server.provision(&token, key, &valid_body()).await.problem(400, "IDEMPOTENCY_KEY_INVALID");
    }
    let with_two_keys = server
        .provision_request(&token)
        .header("idempotency-key", new_key())
        .header("idempotency-key", new_key());
    server.send(with_two_keys.json(&valid_body())).await.problem(400, "IDEMPOTENCY_KEY_INVALID");
}

#[tokio::test]
async fn a_taken_slug_names_its_tenant_and_three_available_slugs() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let body = valid_body();
    let slug = body["slug"].as_str().unwrap();
    let provisioned = server.provision(&token, &new_key(), &body).await.json();
    let mut other = body_for(slug);
    other["owner"]["email"] = "somebody-else@example.org".into();
    let problem = server.provision(&token, &new_key(), &other).await.problem(409, "DUPLICATE_SLUG");
    assert_eq!(problem["conflict"]["code"], provisioned["tenant"]["code"]);
    assert_eq!(problem["suggestions"][0], format!("{slug}-2"));
    assert_eq!(problem["suggestions"].as_array().unwrap().len(), 3);

    let availability =
        server.get(&format!("/api/v1/admin/availability/slug?slug={slug}"), &token).await.json();
    assert_eq!(availability["available"], false);
    assert_eq!(availability["conflict"]["code"], provisioned["tenant"]["code"]);
    assert_eq!(availability["suggestions"][0], format!("{slug}-2"));
    let email = body["owner"]["email"].as_str().unwrap();
    let availability =
        server.get(&format!("/api/v1/admin/availability/email?email={email}"), &token).await.json();
    assert_eq!(availability["reason"], "owns_tenant");
    let availability =
        server.get(&format!("/api/v1/admin/availability/slug?slug={slug}-2"), &token).await.json();
    assert_eq!(
        (availability["available"].clone(), availability["reason"].clone()),
        (true.into(), serde_json::Value::Null)
    );
}

#[tokio::test]
async fn twenty_concurrent_calls_with_one_key_create_one_tenant() {
    let server = TestServer::shared().await;
    let (token, key, body) = (server.token("ADMIN"), new_key(), valid_body());
    let replies = join_all((0..20).map(|_| server.provision(&token, &key, &body))).await;
    let mut codes = BTreeSet::new();
    for reply in &replies {
        match reply.status {
            201 => drop(codes.insert(reply.json()["tenant"]["code"].to_string())),
            _ => drop(reply.problem(409, "REQUEST_IN_PROGRESS")),
        }
    }
    assert_eq!(codes.len(), 1);
    let secrets = replies.iter().filter(|reply| reply.status == 201 && reply.json()["secretKey"].is_string());
    assert_eq!(secrets.count(), 1);
}

#[tokio::test]
async fn the_response_has_the_documented_members() {
    let server = TestServer::shared().await;
    let provisioned = server.provision(&server.token("ADMIN"), &new_key(), &valid_body()).await.json();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let expected = |names: &str| names.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(
        members(&provisioned),
        expected("requestId tenant owner secretKey secretKeyRevealed segment packages pipeline stages")
    );
    assert_eq!(
        members(&provisioned["tenant"]),
        expected("id code slug name status apiKeyPublic commissionPercent isActive createdAt")
    );
    assert_eq!(members(&provisioned["segment"]), expected("id slug name"));
    assert_eq!(members(&provisioned["packages"][0]), expected("id slug name basePrice"));
    let names: Vec<_> =
        provisioned["packages"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["Basic Package", "Standard Package", "Premium Package"]);
}

#[tokio::test]
async fn optional_fields_are_accepted_and_stored() {
    let server = TestServer::shared().await;
    let (token, key, mut body) = (server.token("ADMIN"), new_key(), valid_body());
    let external_id = body["slug"].clone();
    body["shortName"] = "Spoon".into();
    body["industry"] = "Restaurants".into();
    body["externalId"] = external_id.clone();
    body["settings"] =
        json!({ "supportEmail": "help@GoldenSpoon.io", "websiteUrl": "https://goldenspoon.io" });
    body["branding"] = json!({ "colorPrimary": "#7C2D12" });
    let first = server.provision(&token, &key, &body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let path = format!("/api/v1/admin/provisioning-requests/{}", first.json()["requestId"].as_str().unwrap());
    let payload = server.get(&path, &token).await.json()["payload"].clone();
    assert_eq!(payload["externalId"], external_id);
    assert_eq!(payload["settings"]["supportEmail"], "help@goldenspoon.io");
    assert_eq!(payload["branding"], json!({ "colorPrimary": "#7c2d12" }));

    // Only the domain of the e-mail address ignores case.
    body["settings"]["supportEmail"] = "help@goldenspoon.io".into();
    assert_eq!(server.provision(&token, &key, &body).await.header("idempotent-replayed"), "true");

    let mut other = valid_body();
    other["externalId"] = external_id;
    let problem = server.provision(&token, &new_key(), &other).await.problem(409, "DUPLICATE_KEY");
    assert_eq!(problem["constraint"], "tenants_external_id_key");
}

#[tokio::test]
async fn slug_and_name_alone_create_a_tenant_that_waits_for_its_owner() {
    let server = TestServer::shared().await;
    let (token, key) = (server.token("ADMIN"), new_key());
    let body = json!({ "slug": valid_body()["slug"], "name": "Golden Spoon" });
    let reply = server.provision(&token, &key, &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let provisioned = reply.json();
    assert_eq!((&provisioned["owner"], &provisioned["tenant"]["isActive"]), (&Value::Null, &false.into()));
    assert_eq!(provisioned["tenant"]["status"], "pending_activation");
    assert_eq!(provisioned["tenant"]["commissionPercent"], 10.0);
    assert!(provisioned["secretKey"].as_str().unwrap().starts_with("sk_live_"));
    assert_eq!(provisioned["stages"][4]["notApplicable"], true);
    assert_eq!(provisioned["stages"][5].get("notApplicable"), None);

    let path = format!("/api/v1/admin/provisioning-requests/{}", provisioned["requestId"].as_str().unwrap());
    let record = server.get(&path, &token).await.json();
    assert_eq!(
        (&record["tenantStatus"], &record["access"]["invitation"]),
        (&"pending_activation".into(), &Value::Null)
    );
    assert_eq!(server.provision(&token, &key, &body).await.header("idempotent-replayed"), "true");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}
