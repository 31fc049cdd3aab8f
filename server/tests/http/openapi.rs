//! The OpenAPI document: its examples are sent to a server, and its pages are readable. Every response of the
//! other tests is compared with the document too; see `support::contract`.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{
    TestServer,
    contract::{self, DOCUMENT},
    new_key,
};

const API: &str = "/api/v1/admin";

/// The operations of the document: path, method and operation.
fn operations() -> Vec<(&'static str, Method, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let operation = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(name, operation)| (path.as_str(), name.to_uppercase().parse().unwrap(), operation))
    };
    paths.flat_map(operation).collect()
}

fn parameters(operation: &'static Value, place: &str) -> Vec<&'static Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == place).collect()
}

/// Everything that the examples refer to: the tenant of the example of `createTenant`, and an admin.
struct Fixture {
    server: TestServer,
    token: String,
    session: String,
}

impl Fixture {
    async fn new() -> Self {
        let server = TestServer::start();
        let (token, session) = (server.token("SUPER_ADMIN"), server.session("SUPER_ADMIN").await);
        Self { server, token, session }
    }

    /// The value of a path parameter. An ID in an example is not that of a row, so it is replaced by one.
    async fn path_value(&self, operation: &str, parameter: &'static Value) -> String {
        let tenant = format!("{API}/tenants/golden-spoon");
        let first = async |path: String, list: &str| {
            self.server.get(&path, &self.token).await.json()[list][0]["id"].as_str().unwrap().to_owned()
        };
        if let Some(example) = parameter["example"].as_str() {
            return example.to_owned();
        }
        match operation {
            "rotateKey" | "revokeKey" => first(format!("{tenant}/keys"), "keys").await,
            "resendInvitation" | "revokeInvitation" => {
                first(format!("{tenant}/invitations"), "invitations").await
            }
            "updateEmployee" | "renewSetupLink" => self.create("employees", "VIEWER").await,
            "revokeToken" => self.create("tokens", "VIEWER").await,
            "endSession" => {
                self.server.session("VIEWER").await;
                first(format!("{API}/sessions"), "sessions").await
            }
            "readRequest" | "followRequest" | "retryStep" | "skipStep" | "rollBackRequest" => {
                first(format!("{API}/provisioning-requests"), "requests").await
            }
            _ => panic!("{operation}: {parameter}"),
        }
    }

    /// Creates an employee or a token, and returns its ID.
    async fn create(&self, list: &str, role: &str) -> String {
        let mut body = json!({ "name": "test", "role": role });
        if list == "employees" {
            body["email"] = format!("{}@example.com", new_key()).into();
        }
        let request = self.server.request(Method::POST, &format!("{API}/{list}")).json(&body);
        let request = request.header("idempotency-key", new_key());
        let created = self.server.send(request.bearer_auth(&self.token)).await;
        created.json()["id"].as_str().unwrap().to_owned()
    }

    /// The request with the examples of an operation.
    async fn example_request(&self, path: &str, method: Method, operation: &'static Value) -> RequestBuilder {
        let name = operation["operationId"].as_str().unwrap();
        let mut path = path.to_owned();
        for parameter in parameters(operation, "path") {
            let template = format!("{{{}}}", parameter["name"].as_str().unwrap());
            path = path.replace(&template, &self.path_value(name, parameter).await);
        }
        let mut request = self.server.request(method, &path);
        for parameter in parameters(operation, "query") {
            let example = &parameter["example"];
            let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            if !example.is_null() {
                request = request.query(&[(parameter["name"].as_str().unwrap(), text)]);
            }
        }
        for parameter in parameters(operation, "header") {
            match parameter["example"].as_str() {
                // The key of the tenant that the other examples are about.
                Some(key) if name == "createTenant" => request = request.header("idempotency-key", key),
                Some(_) => request = request.header("idempotency-key", new_key()),
                None => {}
            }
        }
        if let Some(body) = operation["requestBody"]["content"]["application/json"].get("example") {
            request = request.json(body);
        }
        match name {
            // Only people have a password.
            "changePassword" => request.header("cookie", &self.session).header("origin", &self.server.origin),
            _ => request.bearer_auth(&self.token),
        }
    }
}

#[tokio::test]
async fn every_example_request_has_a_documented_response() {
    let fixture = Fixture::new().await;
    let mut operations = operations();
    // The other examples are about the tenant that this example creates.
    operations.sort_by_key(|(_, _, operation)| operation["operationId"] != "createTenant");
    for (path, method, operation) in operations {
        let request = fixture.example_request(path, method.clone(), operation).await;
        let reply = fixture.server.send(request).await;
        // Without external systems, no request has a dead step.
        let has_no_dead_step =
            path.ends_with("/retry") || path.ends_with("/skip") || path.ends_with("/rollback");
        match has_no_dead_step {
            true => drop(reply.problem(409, "INVALID_TRANSITION")),
            false => assert!((200..300).contains(&reply.status), "{method} {path}: {}", reply.text),
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
    let server = TestServer::shared().await;
    let token = server.token("SUPER_ADMIN");
    for list in ["employees", "tokens", "sessions", "provisioning-requests", "provisioning-requests/export"] {
        let path = format!("{API}/{list}");
        let refused = server.get(&format!("{path}?unknown=1"), &token).await;
        let problem = refused.problem(422, "VALIDATION_ERROR");
        let message = problem["errors"][0]["message"].as_str().unwrap();
        let read =
            message.split_once("are: ").unwrap().1.trim_end_matches('.').split(", ").collect::<BTreeSet<_>>();
        let documented = parameters(&DOCUMENT["paths"][path.as_str()]["get"], "query");
        let documented = documented.into_iter().map(|parameter| parameter["name"].as_str().unwrap());
        assert_eq!(read, documented.collect(), "{list}");
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
