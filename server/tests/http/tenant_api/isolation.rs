//! A program of a tenant cannot reach another tenant.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Program, rules};
use crate::support::{TestServer, new_key};

/// Everything of a tenant that the API shows, and its keys.
async fn snapshot(program: &Program<'_>) -> Vec<Value> {
    let keys = program.sql(&format!(
        "SELECT jsonb_agg(to_jsonb(k) - 'last_used_at' ORDER BY id) FROM api_keys k WHERE tenant_id = '{}'",
        program.id
    ));
    let mut all = vec![serde_json::from_str(&keys).unwrap()];
    for path in ["/tenant", "/settings", "/branding", "/segments", "/packages"] {
        all.push(program.json(path).await);
    }
    all
}

#[tokio::test]
async fn a_program_can_neither_read_nor_change_what_another_tenant_has() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let [one, two] = [Program::new(&server, &admin).await, Program::new(&server, &admin).await];
    two.put("/segments/families", &json!({ "name": "Families" })).await;
    let package = json!({ "name": "Secret", "basePrice": 900, "segment": "families" });
    let package = two.post("/packages", &new_key(), &package).await.json();
    let segment = two.json("/segments/families").await;
    let before = snapshot(&two).await;

    for reference in ["secret", package["id"].as_str().unwrap()] {
        let path = format!("/packages/{reference}");
        one.get(&path).await.problem(404, "RESOURCE_NOT_FOUND");
        one.send(Method::DELETE, &path, &[], &Value::Null).await.problem(404, "RESOURCE_NOT_FOUND");
    }
    for reference in ["families", segment["id"].as_str().unwrap()] {
        one.get(&format!("/segments/{reference}")).await.problem(404, "RESOURCE_NOT_FOUND");
        // The segment of another tenant is as unknown as one that does not exist.
        let foreign = json!({ "name": "Mine", "basePrice": 1, "segment": reference });
        for reply in
            [one.post("/packages", &new_key(), &foreign).await, one.put("/packages/mine", &foreign).await]
        {
            assert_eq!(rules(&reply), [("segment".to_owned(), "unknown".to_owned())]);
        }
    }
    // A replaced slug is that of the own tenant, also if another tenant has the same slug.
    let own = one.put("/packages/secret", &json!({ "name": "Own", "basePrice": 1 })).await;
    assert_eq!((own.status, own.json()["segment"].as_str()), (201, Some("general")));
    assert_eq!(one.put("/segments/families", &json!({ "name": "Own" })).await.status, 201);
    assert_eq!(one.overwrite("/branding", &json!({ "theme": "plum" })).await.status, 200);
    let mut settings = one.json("/settings").await;
    settings["companyName"] = json!("Own");
    assert_eq!(one.overwrite("/settings", &settings).await.status, 200);
    assert_eq!(one.post("/keys/rotate", &new_key(), &json!({ "overlapHours": 1 })).await.status, 201);
    assert_eq!(snapshot(&two).await, before);
    assert_eq!(one.json("/tenant").await["id"], one.id);

    // The same idempotency key belongs to two calls.
    let (key, body) = (new_key(), json!({ "name": "Twice", "basePrice": 2 }));
    for program in [&one, &two] {
        let created = program.post("/packages", &key, &body).await;
        assert_eq!((created.status, created.header("idempotent-replayed")), (201, ""), "{}", created.text);
    }
}

#[tokio::test]
async fn the_calls_of_programs_need_a_secret_key_and_the_calls_of_admins_refuse_it() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let program = Program::new(&server, &admin).await;
    let public = program.sql(&format!("SELECT public_key FROM api_keys WHERE tenant_id = '{}'", program.id));
    let mistyped = format!("{}x", &program.secret[..program.secret.len() - 1]);
    let unknown = "sk_live_golden-spoon_00000000000000000000000000000000007ZCyY";
    let session = server.session("ADMIN").await;
    for path in ["/tenant", "/settings", "/branding", "/segments", "/packages", "/packages/basic-package"] {
        let path = format!("/api/v1{path}");
        for token in ["", &admin, &public, &mistyped, unknown] {
            server.get(&path, token).await.problem(401, "UNAUTHENTICATED");
        }
        let with_session = server.request(Method::GET, &path).header("cookie", &session);
        server.send(with_session).await.problem(401, "UNAUTHENTICATED");
    }
    for path in ["/api/v1/admin/provisioning-requests".to_owned(), program.admin_path("/keys")] {
        server.get(&path, &program.secret).await.problem(401, "UNAUTHENTICATED");
    }
}
