//! API keys with names, their rotation by the tenant, and their last use.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Program, rules};
use crate::support::{Reply, TestServer, new_key};

async fn create(program: &Program<'_>, token: &str, idempotency_key: &str, body: &Value) -> Reply {
    let request = program.server.request(Method::POST, &program.admin_path("/keys")).bearer_auth(token);
    program.server.send(request.header("idempotency-key", idempotency_key).json(body)).await
}

async fn names(program: &Program<'_>, token: &str) -> Vec<(String, String)> {
    let keys = program.server.get(&program.admin_path("/keys"), token).await.json()["keys"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    keys.as_array().unwrap().iter().map(|key| (text(&key["name"]), text(&key["status"]))).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, status)| (name.to_owned(), status.to_owned())).into()
}

#[tokio::test]
async fn a_tenant_has_several_keys_with_names_and_each_works_on_its_own() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let mut program = Program::new(&server, &admin).await;
    let (key, body) = (new_key(), json!({ "name": " Website " }));
    let first = create(&program, &admin, &key, &body).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""), "{}", first.text);
    let created = first.json();
    assert_eq!((&created["key"]["name"], &created["secretKeyRevealed"]), (&json!("Website"), &json!(false)));

    let replayed = create(&program, &admin, &key, &body).await;
    assert_eq!((replayed.status, replayed.header("idempotent-replayed")), (201, "true"));
    assert_eq!((&replayed.json()["key"], &replayed.json()["secretKey"]), (&created["key"], &Value::Null));
    create(&program, &admin, &key, &json!({ "name": "Other" })).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
    let taken = create(&program, &admin, &new_key(), &body).await;
    assert_eq!(taken.problem(409, "DUPLICATE_KEY")["errors"][0]["rule"], "taken");
    let missing = create(&program, &admin, &new_key(), &json!({ "days": 1 })).await;
    assert_eq!(
        rules(&missing),
        [("days".to_owned(), "unknown_field".to_owned()), ("name".to_owned(), "required".to_owned())]
    );
    create(&program, &server.token("VIEWER"), &new_key(), &body).await.problem(403, "FORBIDDEN");
    assert_eq!(names(&program, &admin).await, pairs([("Website", "active"), ("Default", "active")]));
    assert_eq!(program.audited("key.created")[0]["after"]["name"], "Website");

    // The request's page shows the key of the provisioning, not the newest one.
    let default = program.secret.clone();
    program.secret = created["secretKey"].as_str().unwrap().to_owned();
    assert_eq!(program.json("/tenant").await["id"], program.id);
    let path = program.admin_path(&format!("/keys/{}", created["key"]["id"].as_str().unwrap()));
    let revoke = server.request(Method::DELETE, &path).bearer_auth(&admin);
    assert_eq!(server.send(revoke).await.status, 204);
    program.get("/tenant").await.problem(401, "UNAUTHENTICATED");
    program.secret = default;
    assert_eq!(program.json("/tenant").await["id"], program.id);
}

#[tokio::test]
async fn a_program_replaces_its_own_key_and_the_former_one_works_until_the_overlap_ends() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let mut program = Program::new(&server, &admin).await;
    let (key, body) = (new_key(), json!({ "overlapHours": 24 }));
    let first = program.post("/keys/rotate", &key, &body).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""), "{}", first.text);
    let rotated = first.json();
    assert_eq!(rotated["key"]["name"], "Default");
    let replayed = program.post("/keys/rotate", &key, &body).await;
    assert_eq!((replayed.status, replayed.header("idempotent-replayed")), (201, "true"));
    assert_eq!(
        (&replayed.json()["key"]["id"], &replayed.json()["secretKey"]),
        (&rotated["key"]["id"], &Value::Null)
    );
    program.post("/keys/rotate", &new_key(), &body).await.problem(409, "KEY_REPLACED");
    let no_key = program.send(Method::POST, "/keys/rotate", &[], &body).await;
    no_key.problem(400, "IDEMPOTENCY_KEY_MISSING");
    assert_eq!(names(&program, &admin).await, pairs([("Default", "active"), ("Default", "expiring")]));
    assert_eq!(program.audited("key.rotated")[0]["actor"], "API key Default");

    assert_eq!(program.json("/tenant").await["id"], program.id);
    program.sql(&format!(
        "UPDATE api_keys SET expires_at = now() WHERE expires_at IS NOT NULL AND tenant_id = '{}'",
        program.id
    ));
    program.get("/tenant").await.problem(401, "UNAUTHENTICATED");
    program.secret = rotated["secretKey"].as_str().unwrap().to_owned();
    assert_eq!(program.json("/tenant").await["id"], program.id);
    // Without a body, the replaced key ends immediately.
    let last = program.post("/keys/rotate", &new_key(), &Value::Null).await;
    assert_eq!(last.status, 201, "{}", last.text);
    program.get("/tenant").await.problem(401, "UNAUTHENTICATED");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn the_last_use_of_a_key_is_recorded_at_most_once_a_minute_and_without_waiting() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let last_use = || {
        let sql = "SELECT coalesce(last_used_at::text, '') FROM api_keys WHERE tenant_id = '{}'";
        program.sql(&sql.replace("{}", &program.id))
    };
    assert_eq!(last_use(), "");
    program.json("/tenant").await;
    let first = last_use();
    assert_ne!(first, "");
    program.json("/settings").await;
    assert_eq!(last_use(), first);

    let age = "UPDATE api_keys SET last_used_at = now() - interval '2 minutes' WHERE tenant_id = '{}'";
    program.sql(&age.replace("{}", &program.id));
    let aged = last_use();
    let mut holder = server.data_directory.spawn_sql(&format!(
        "BEGIN; SELECT id FROM api_keys WHERE tenant_id = '{}' FOR UPDATE; SELECT pg_sleep(600) AS \"{}\"",
        program.id, program.slug
    ));
    let locked = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%{}%'
         AND pid <> pg_backend_pid()",
        program.slug
    );
    test_support::wait::block_until("the lock", || server.data_directory.sql(&locked) == "1");
    program.json("/tenant").await;
    assert_eq!(last_use(), aged);
    server.data_directory.sql(&locked.replace("count(*)", "pg_terminate_backend(pid)"));
    holder.wait().unwrap();
    program.json("/tenant").await;
    assert_ne!(last_use(), aged);
}

#[tokio::test]
async fn a_command_creates_a_key_and_replaces_the_key_with_an_id() {
    let server = TestServer::shared().await;
    let mut program = Program::new(&server, &server.token("ADMIN")).await;
    let slug = program.slug.clone();
    let created = server.command_json(&["key", "create", &slug, "--name", "Till", "--json"]);
    assert_eq!(created["key"]["name"], "Till");
    program.secret = created["secretKey"].as_str().unwrap().to_owned();
    assert_eq!(program.json("/tenant").await["id"], program.id);
    let keys = server.command_json(&["key", "list", &slug, "--json"])["keys"].clone();
    let default = keys[1]["id"].as_str().unwrap();
    let rotated = server.command_json(&["key", "rotate", &slug, "--key", default, "--json"]);
    assert_eq!(rotated["key"]["name"], "Default");
    assert_eq!(program.json("/tenant").await["id"], program.id);
    let taken = server.command(&["key", "create", &slug, "--name", "Till"], "");
    assert!(!taken.status.success());
    assert!(String::from_utf8_lossy(&taken.stderr).contains("has this name"), "{taken:?}");
}
