//! Every POST that creates something, by its description in the document: a repeated call creates nothing,
//! and another body with the same idempotency key is refused. A new POST is tested without a change here.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Fixture, name, operations, parameters};
use crate::{
    imports::archive,
    support::{Reply, new_key},
};

/// POSTs that create something without a key. A repeated call replaces the link of the first one, sends
/// another mail, or returns the tenant of the sign-up, whose ID is the key.
const WITHOUT_KEY: [&str; 4] = ["renewSetupLink", "signUp", "resendSignUp", "verifySignUp"];
/// The members that only the first response has: secrets, and when a secret expires.
const SECRETS: [&str; 5] = ["secretKey", "token", "setupUrl", "setupExpiresAt", "invitationUrl"];
/// The tables in which workers insert rows, for example during the delivery of mail.
const WORKER_TABLES: &str =
    "('workers', 'step_attempts', 'breakers', 'import_rows', 'audit_chain', 'audit_salts')";

type Operation = &'static Value;

fn posts() -> impl Iterator<Item = (&'static str, Operation)> {
    let posts = operations().into_iter().filter(|(_, method, _)| method == Method::POST);
    posts.map(|(path, _, operation)| (path, operation))
}

fn id(operation: Operation) -> &'static str {
    operation["operationId"].as_str().unwrap()
}

fn takes_key(operation: Operation) -> bool {
    parameters(operation, "header").into_iter().any(|header| name(header) == "Idempotency-Key")
}

/// A valid body of an operation, and another one.
fn bodies(operation: Operation) -> (Value, Value) {
    if id(operation) == "createImport" {
        return (json!("Acme"), json!("Other"));
    }
    let mut body = operation["requestBody"]["content"]["application/json"]["example"].clone();
    if id(operation) == "createTenant" {
        // The tenant of the example exists.
        body["slug"] = json!("silver-spoon");
        body["owner"]["email"] = json!("owner@silver-spoon.example");
        body["externalId"] = json!("CRM-4712");
    }
    let mut other = body.clone();
    if let Some(name) = body["name"].as_str() {
        other["name"] = json!(format!("{name} 2"));
    } else if let Some(domain) = body["domain"].as_str() {
        other["domain"] = json!(format!("other.{domain}"));
    } else {
        let mut members = other.as_object_mut().expect("a body").values_mut();
        let number = members.find(|value| value.is_u64()).expect("a member that can be changed");
        *number = json!(number.as_u64().unwrap() + 1);
    }
    (body, other)
}

impl Fixture {
    /// Sends a POST with these values of `Idempotency-Key`.
    async fn post(&self, path: &str, operation: Operation, keys: &[&str], body: &Value) -> Reply {
        let request = self.server.request(Method::POST, path).bearer_auth(self.credential(operation));
        let request = keys.iter().fold(request, |request, key| request.header("idempotency-key", *key));
        if id(operation) == "createImport" {
            let client = format!("client:\n  name: {}\n", body.as_str().unwrap());
            let archive = archive(&[("acme/client.yaml", &client)]);
            let request = request.query(&[("dryRun", "true")]).header("content-type", "application/gzip");
            return self.server.send(request.body(archive)).await;
        }
        self.server.send(request.json(body)).await
    }

    /// The number of rows in each table that calls write. Workers write the others.
    fn row_counts(&self) -> String {
        let data = &self.server.data_directory;
        let counts = data.sql(&format!(
            "SELECT string_agg(format('SELECT %L AS name, count(*) AS rows FROM %I', tablename, tablename), ' UNION ALL ')
             FROM pg_tables WHERE schemaname = 'tenantry' AND tablename NOT IN {WORKER_TABLES}",
        ));
        data.sql(&format!("SELECT jsonb_object_agg(name, rows) FROM ({counts}) counts"))
    }
}

/// Asserts that a response repeats the first one, except that secrets are missing.
#[track_caller]
fn assert_repeats(member: &str, first: &Value, repeated: &Value) {
    match (first, repeated) {
        (Value::Object(one), Value::Object(two)) => {
            for member in one.keys().chain(two.keys()) {
                assert_repeats(member, &first[member], &repeated[member]);
            }
        }
        _ if SECRETS.contains(&member) => assert!(first.is_string() && repeated.is_null(), "{member}"),
        _ if member.ends_with("Revealed") => assert_eq!((first, repeated), (&json!(false), &json!(true))),
        _ if member == "nextStep" => assert!(first.is_null() && repeated.is_string(), "{repeated}"),
        _ => assert_eq!(first, repeated, "{member}"),
    }
}

#[tokio::test]
async fn every_post_that_creates_something_takes_an_idempotency_key() {
    for (path, operation) in posts() {
        let creates = ["201", "202"].iter().any(|status| operation["responses"].get(status).is_some());
        assert!(!creates || takes_key(operation) != WITHOUT_KEY.contains(&id(operation)), "{path}");
    }
}

#[tokio::test]
async fn a_repeated_post_creates_nothing_and_another_body_with_its_key_is_refused() {
    let fixture = Fixture::new().await;
    let mut tested = 0;
    for (template, operation) in posts().filter(|&(_, operation)| takes_key(operation)) {
        let path = &fixture.path(template, operation).await;
        let ((body, other), key) = (bodies(operation), new_key());
        let key = [key.as_str()];
        let nothing = fixture.row_counts();
        let missing = fixture.post(path, operation, &[], &body).await;
        missing.problem(400, "IDEMPOTENCY_KEY_MISSING");
        for keys in [&["x"][..], &[key[0], &new_key()]] {
            let invalid = fixture.post(path, operation, keys, &body).await;
            invalid.problem(400, "IDEMPOTENCY_KEY_INVALID");
        }
        assert_eq!(fixture.row_counts(), nothing, "{path}");

        // Of several calls at once, one creates something. The others repeat its response, or come too early.
        let calls = join_all((0..4).map(|_| fixture.post(path, operation, &key, &body))).await;
        let (succeeded, early): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|reply| (200..300).contains(&reply.status));
        for reply in early {
            reply.problem(409, "REQUEST_IN_PROGRESS");
        }
        let is_replay = |reply: &&Reply| reply.header("idempotent-replayed") == "true";
        let (replays, first): (Vec<_>, Vec<_>) = succeeded.iter().partition(is_replay);
        let [first] = first[..] else { panic!("{path}: {} calls created something", first.len()) };
        let created = fixture.row_counts();
        assert_ne!(created, nothing, "{path}");

        let repeated = fixture.post(path, operation, &key, &body).await;
        for replay in replays.into_iter().chain([&repeated]) {
            assert_eq!((replay.status, is_replay(&replay)), (first.status, true), "{path}: {}", replay.text);
            assert_repeats("", &first.json(), &replay.json());
        }
        let reused = fixture.post(path, operation, &key, &other).await;
        reused.problem(422, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(fixture.row_counts(), created, "{path}");
        tested += 1;
    }
    assert!(tested >= 8, "{tested}");
    assert_eq!(fixture.server.command_json(&["verify", "--json"])["ok"], true);
}
