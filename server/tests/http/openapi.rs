//! The OpenAPI document: its examples are sent to a server, and its pages are readable. Every response of the
//! other tests is compared with the document too; see `support::contract`.

mod idempotency;

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    imports::archive,
    support::{
        TestServer,
        contract::{self, DOCUMENT},
        new_key,
    },
};

/// The operations of the document: path, method and operation.
pub(crate) fn operations() -> Vec<(&'static str, Method, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let operation = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(name, operation)| (path.as_str(), name.to_uppercase().parse().unwrap(), operation))
    };
    paths.flat_map(operation).collect()
}

pub(crate) fn parameters(operation: &'static Value, place: &str) -> Vec<&'static Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == place).collect()
}

fn name(value: &'static Value) -> &'static str {
    value["name"].as_str().unwrap()
}

/// The operations that change the dead step of a request. Without external systems, no request has one.
const DEAD_STEP_ACTIONS: [&str; 3] = ["retryStep", "skipStep", "rollBackRequest"];

/// The operations whose example cannot succeed: no tenant with the slug of the examples waits for approval.
const REFUSED: [&str; 1] = ["declineTenant"];

/// Everything that the examples refer to: the tenant of the example of `createTenant`, and an admin.
struct Fixture {
    server: TestServer,
    token: String,
    session: String,
    /// The secret key of the tenant.
    secret_key: String,
}

impl Fixture {
    async fn new() -> Self {
        // No DNS server listens there, so the check of a domain ends at once.
        let server = TestServer::start_with(&[
            ("TENANTRY_DNS_SERVER", "127.0.0.1:9"),
            ("TENANTRY_SIGN_UP", "approval"),
        ]);
        let (token, session) = (server.token("SUPER_ADMIN"), server.session("SUPER_ADMIN").await);
        let mut fixture = Self { server, token, session, secret_key: String::new() };
        let create = &DOCUMENT["paths"]["/api/v1/admin/tenants"]["post"];
        let request = fixture.example_request("/api/v1/admin/tenants", Method::POST, create).await;
        let created = fixture.server.send(request).await.json();
        fixture.secret_key = created["secretKey"].as_str().unwrap().to_owned();
        // The import of the examples of its report.
        let create = &DOCUMENT["paths"]["/api/v1/admin/imports"]["post"];
        let request = fixture.example_request("/api/v1/admin/imports", Method::POST, create).await;
        assert_eq!(fixture.server.send(request).await.status, 202);
        fixture
    }

    /// The credential of an operation: the secret key of the tenant, or the token of the admin.
    fn credential(&self, operation: &'static Value) -> &str {
        match operation["security"][0].get("key") {
            Some(_) => &self.secret_key,
            None => &self.token,
        }
    }

    /// The path with a value for each parameter: its example, or that of the first row of the list above it,
    /// because no row has the ID of an example.
    async fn path(&self, template: &str, operation: &'static Value) -> String {
        let mut path = template.to_owned();
        for parameter in parameters(operation, "path") {
            let name = name(parameter);
            let (list, _) = path.split_once(&format!("/{{{name}}}")).unwrap();
            let value = match parameter["example"].as_str() {
                Some(example) => example.to_owned(),
                None => {
                    let body = self.server.get(list, self.credential(operation)).await.json();
                    let rows = body.as_object().unwrap().values().find_map(Value::as_array).unwrap();
                    rows[0][name].as_str().unwrap_or_else(|| panic!("{list} has no {name}")).to_owned()
                }
            };
            path = path.replace(&format!("{{{name}}}"), &value);
        }
        path
    }

    /// Gives the tenant the status that the example of an operation needs, or gives it back its former
    /// status.
    async fn prepare(&self, operation: &str) {
        if operation == "before activateTenant" {
            // Without the trigger, which refuses this change.
            let sql = "SET session_replication_role = replica;
                       UPDATE tenants SET status = 'setup_incomplete' WHERE slug = 'golden-spoon'";
            self.server.data_directory.sql(sql);
        }
        if operation == "before verifySignUp" {
            let sql = "SET search_path = tenantry; UPDATE sign_ups
                       SET token_hash = sha256('5Vf0cXWQw4mHk2yTzB8nJrLqPpE1sUaGdOiYtRxC7vE')";
            self.server.data_directory.sql(sql);
        }
        // Only an employee without a password has a setup link, and only one with a password gets a reset.
        if operation == "before resetEmployeePassword" || operation == "after resetEmployeePassword" {
            let hash = if operation.starts_with("before") { "'a password'" } else { "NULL" };
            let sql = "SET search_path = tenantry; UPDATE users SET password_hash = ";
            let of = "WHERE email = 'ada@example.com'";
            self.server.data_directory.sql(&format!("{sql}{hash} {of}"));
        }
        let tenant = "/api/v1/admin/tenants/golden-spoon";
        let (method, path, body) = match operation {
            "before resumeTenant" => (Method::POST, "/suspend", json!({ "reason": "a test" })),
            "before restoreTenant" => (Method::DELETE, "", json!({ "slug": "golden-spoon" })),
            "after suspendTenant" => (Method::POST, "/resume", json!({})),
            "after deleteTenant" => (Method::POST, "/restore", json!({})),
            _ => return,
        };
        let request = self.server.request(method, &format!("{tenant}{path}")).json(&body);
        let reply = self.server.send(request.bearer_auth(&self.token)).await;
        assert_eq!(reply.status, 200, "{operation}: {}", reply.text);
    }

    /// The request with the examples of an operation.
    async fn example_request(&self, path: &str, method: Method, operation: &'static Value) -> RequestBuilder {
        let id = operation["operationId"].as_str().unwrap();
        let mut request = self.server.request(method, &self.path(path, operation).await);
        for parameter in parameters(operation, "query") {
            let example = &parameter["example"];
            let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            if !example.is_null() {
                request = request.query(&[(name(parameter), text)]);
            }
        }
        for parameter in parameters(operation, "header") {
            let Some(example) = parameter["example"].as_str() else { continue };
            // The example of a key is that of the tenant that the other examples are about.
            let is_new_key = name(parameter) == "Idempotency-Key" && id != "createTenant";
            let value = if is_new_key { new_key() } else { example.to_owned() };
            request = request.header(name(parameter), value);
        }
        if let Some(body) = operation["requestBody"]["content"]["application/json"].get("example") {
            request = request.json(body);
        }
        if id == "createImport" {
            let files = [("acme/client.yaml", "client:\n  name: Acme\n")];
            request = request.header("content-type", "application/gzip").body(archive(&files));
        }
        match id {
            // Only people have a password.
            "changePassword" => request.header("cookie", &self.session).header("origin", &self.server.origin),
            _ => request.bearer_auth(self.credential(operation)),
        }
    }
}

#[tokio::test]
async fn every_example_request_has_a_documented_response() {
    let fixture = Fixture::new().await;
    let mut operations = operations();
    // The other examples need the rows.
    operations.sort_by_key(|(_, method, _)| method == Method::DELETE);
    for (path, method, operation) in operations {
        let name = operation["operationId"].as_str().unwrap();
        fixture.prepare(&format!("before {name}")).await;
        let request = fixture.example_request(path, method.clone(), operation).await;
        let reply = fixture.server.send(request).await;
        fixture.prepare(&format!("after {name}")).await;
        match DEAD_STEP_ACTIONS.contains(&name) || REFUSED.contains(&name) {
            true => drop(reply.problem(409, "INVALID_TRANSITION")),
            false => assert!((200..300).contains(&reply.status), "{method} {path}: {}", reply.text),
        }
    }
}

#[tokio::test]
async fn every_operation_has_its_errors_and_examples() {
    let tags: Vec<_> = DOCUMENT["tags"].as_array().unwrap().iter().map(name).collect();
    for (path, method, operation) in operations() {
        let of = format!("{method} {path}");
        assert!(operation["summary"].is_string(), "{of}");
        assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{of}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{of}");
        let is_public = operation["security"][0] == json!({});
        for status in ["401", "500", "503"] {
            let is_described = responses.contains_key(status) || (is_public && status == "401");
            assert!(is_described || !path.starts_with("/api/"), "{of} {status}");
        }
        let bodies = responses.values().chain(operation.get("requestBody"));
        for content in
            bodies.filter_map(|body| body["content"].as_object()).flat_map(|contents| contents.values())
        {
            assert!(content.get("example").or(content.get("examples")).is_some(), "{of}");
        }
    }
}

#[tokio::test]
async fn every_example_of_a_response_is_valid() {
    let mut examined = 0;
    for (path, method, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            for content in response["content"].as_object().into_iter().flatten().map(|(_, content)| content) {
                let mut examples: Vec<_> = content.get("example").into_iter().collect();
                for (name, _) in content["examples"].as_object().into_iter().flatten() {
                    examples.push(&DOCUMENT["components"]["examples"][name]["value"]);
                }
                for example in examples {
                    let errors = contract::errors(&content["schema"], example);
                    assert_eq!(errors, "", "{method} {path} {status}: {example}");
                    examined += 1;
                }
            }
        }
        let body = &operation["requestBody"]["content"]["application/json"];
        if !body.is_null() {
            assert_eq!(contract::errors(&body["schema"], &body["example"]), "", "{method} {path}");
        }
    }
    assert!(examined > 100, "{examined}");
}

#[tokio::test]
async fn lists_have_exactly_the_documented_parameters() {
    let fixture = Fixture::new().await;
    let has_cursor = |operation| parameters(operation, "query").into_iter().any(|it| name(it) == "after");
    for (template, _, list) in operations().into_iter().filter(|(.., operation)| has_cursor(operation)) {
        let path = fixture.path(template, list).await;
        let refused = fixture.server.get(&format!("{path}?unknown=1"), &fixture.token).await;
        let problem = refused.problem(422, "VALIDATION_ERROR");
        let (_, read) = problem["errors"][0]["message"].as_str().unwrap().split_once("are: ").unwrap();
        let read: BTreeSet<_> = read.trim_end_matches('.').split(", ").collect();
        assert_eq!(read, parameters(list, "query").into_iter().map(name).collect(), "{path}");
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_readable_without_signing_in() {
    let server = TestServer::shared().await;
    let served = server.page("/openapi.json", "").await;
    assert_eq!(served.json(), *DOCUMENT);
    let page = server.page("/docs", "").await;
    assert_eq!(page.status, 200);
    for (path, _, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap();
        assert!(page.text.contains(&format!("id=\"{name}\"")), "{name}");
        assert!(page.text.contains(&format!("<code>{path}<")), "{path}");
    }
    assert!(!page.text.contains("src=\"http"), "{}", page.text);
}
