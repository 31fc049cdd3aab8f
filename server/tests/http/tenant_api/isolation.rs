//! A program of a tenant cannot reach another tenant.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Program, rules};
use crate::{
    openapi::operations,
    support::{TestServer, new_key},
};

/// Everything of a tenant that the API shows, its keys, its calls, and how often it was changed.
async fn snapshot(program: &Program<'_>) -> Vec<Value> {
    let stored = program.sql(&format!(
        "SELECT jsonb_build_array(
             (SELECT jsonb_agg(to_jsonb(k) - 'last_used_at' ORDER BY id) FROM api_keys k WHERE tenant_id = t.id),
             (SELECT jsonb_agg(to_jsonb(c) ORDER BY idempotency_key) FROM tenant_calls c WHERE tenant_id = t.id),
             (SELECT count(*) FROM audit_log WHERE subject_id = t.id))
         FROM tenants t WHERE id = '{}'",
        program.id
    ));
    let mut all = vec![serde_json::from_str(&stored).unwrap()];
    for path in ["/tenant", "/settings", "/branding", "/segments", "/packages", "/usage"] {
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
    let report = json!({ "metric": "quotes", "quantity": 1 });
    assert_eq!(one.post("/usage", &new_key(), &report).await.status, 200);
    assert_eq!(snapshot(&two).await, before);
    assert_eq!(one.json("/tenant").await["id"], one.id);

    // The same idempotency key belongs to two calls.
    let (key, body) = (new_key(), json!({ "name": "Twice", "basePrice": 2 }));
    for program in [&one, &two] {
        let created = program.post("/packages", &key, &body).await;
        assert_eq!((created.status, created.header("idempotent-replayed")), (201, ""), "{}", created.text);
    }
}

/// By the OpenAPI document, so that the test includes new calls.
#[tokio::test]
async fn what_another_tenant_has_is_as_unknown_as_what_nobody_has_in_every_call() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let [one, two] = [Program::new(&server, &admin).await, Program::new(&server, &admin).await];
    let of_programs = |operation: &Value| operation["security"][0].get("key").is_some();
    let calls: Vec<_> = operations()
        .into_iter()
        .filter(|(path, _, operation)| of_programs(operation) && path.contains('{'))
        .map(|(path, method, operation)| (path.strip_prefix("/api/v1").unwrap(), method, operation))
        .collect();
    let example =
        |operation: &Value| operation["requestBody"]["content"]["application/json"]["example"].clone();
    // What tenant two has at each of these paths: its slug and its ID.
    let mut ids = Vec::new();
    for (path, _, operation) in calls.iter().filter(|(_, method, _)| *method == Method::PUT) {
        let created = two.put(&path.replace("{slug}", "only-two"), &example(operation)).await;
        assert_eq!(created.status, 201, "{}", created.text);
        ids.push((*path, created.json()["id"].as_str().unwrap().to_owned()));
    }
    let before = snapshot(&two).await;
    for (path, method, operation) in &calls {
        let (_, id) = ids.iter().find(|(of, _)| of == path).unwrap_or_else(|| panic!("nothing is at {path}"));
        let send = async |reference: &str| {
            let body = if *method == Method::PUT { example(operation) } else { Value::Null };
            one.send(method.clone(), &path.replace("{slug}", reference), &[], &body).await
        };
        if *method == Method::PUT {
            let own = send("only-two").await;
            assert_eq!(own.status, 201, "{path}: {}", own.text);
            assert_ne!(own.json()["id"], id.as_str(), "{path}");
            // An ID that begins with a letter can be a slug.
            let by_id = send(id).await;
            match by_id.status {
                201 => assert_ne!(by_id.json()["id"], id.as_str(), "{path}"),
                _ => drop(by_id.problem(422, "INVALID_SLUG")),
            }
            continue;
        }
        for (of_other, unknown) in [("only-two", "nobody"), (id, &new_key())] {
            let (found, expected) = (send(of_other).await, send(unknown).await);
            found.problem(404, "RESOURCE_NOT_FOUND");
            assert_eq!(found.json(), expected.json(), "{method} {path}");
        }
    }
    assert!(calls.len() >= 5, "{calls:?}");
    assert_eq!(snapshot(&two).await, before);
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
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
