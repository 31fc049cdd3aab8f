//! The scopes of tokens, for every call of the admin API that the OpenAPI document describes.

use domain::access::ApiScope;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    openapi::{operations, parameters},
    support::{TestServer, new_key, valid_body},
};

const API: &str = "/api/v1/admin";

/// The only call of the admin API that no scope allows.
const WITHOUT_SCOPE: &str = "changePassword";

/// Creates a token with these scopes, and the role `SUPER_ADMIN`, so that only the scopes limit it.
fn token_with(server: &TestServer, scopes: impl IntoIterator<Item = ApiScope>) -> String {
    let mut arguments = vec!["token".to_owned(), "create".into(), "--name".into(), "scoped".into()];
    arguments.extend(["--role".to_owned(), "SUPER_ADMIN".into(), "--json".into()]);
    for scope in scopes {
        arguments.extend(["--scope".to_owned(), scope.to_string()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    server.command_json(&arguments)["token"].as_str().unwrap().to_owned()
}

/// A call that has what it needs to be authorised. Its IDs do not exist.
fn call(server: &TestServer, method: &Method, template: &str, operation: &'static Value) -> RequestBuilder {
    let mut path = template.to_owned();
    for parameter in parameters(operation, "path") {
        let name = parameter["name"].as_str().unwrap();
        path = path.replace(&format!("{{{name}}}"), &Uuid::new_v4().to_string());
    }
    let request = server.request(method.clone(), &path).header("idempotency-key", new_key());
    match operation["operationId"].as_str().unwrap() {
        "createTenant" => request.json(&valid_body()),
        _ if operation.get("requestBody").is_some() => request.json(&json!({})),
        _ => request,
    }
}

fn is_missing_scope(body: &Value) -> bool {
    body["errors"][0]["rule"] == "missing_scope"
}

#[tokio::test]
async fn every_call_needs_exactly_its_scope() {
    let server = TestServer::start();
    let only = ApiScope::ALL.iter().map(|scope| (*scope, token_with(&server, [*scope]))).collect::<Vec<_>>();
    let all_but = ApiScope::ALL
        .iter()
        .map(|scope| {
            let others = ApiScope::ALL.iter().copied().filter(|other| other != scope);
            (*scope, token_with(&server, others))
        })
        .collect::<Vec<_>>();
    let all = token_with(&server, ApiScope::ALL.iter().copied());
    let find = |tokens: &[(ApiScope, String)], scope: ApiScope| {
        tokens.iter().find(|(of, _)| *of == scope).map(|(_, token)| token.clone()).unwrap()
    };
    let mut checked = 0;
    for (path, method, operation) in operations() {
        if !path.starts_with(API) {
            continue;
        }
        let id = operation["operationId"].as_str().unwrap();
        let documented = operation["security"][0]["token"][0].as_str();
        let is_read = method == Method::GET;
        assert_eq!(documented, ApiScope::of_call(is_read, path).map(|scope| scope.as_str()), "{id}");
        let Some(scope) = documented.and_then(ApiScope::from_text) else {
            assert_eq!(id, WITHOUT_SCOPE, "add the area of the path to the table of scopes");
            let refused = server.send(call(&server, &method, path, operation).bearer_auth(&all)).await;
            assert!(is_missing_scope(&refused.problem(403, "FORBIDDEN")), "{id}");
            continue;
        };
        let request = call(&server, &method, path, operation).bearer_auth(find(&all_but, scope));
        let refused = server.send(request).await.problem(403, "FORBIDDEN");
        // The statement that provisions checks the scope of its call, and does not name it.
        assert_eq!(is_missing_scope(&refused), id != "createTenant", "{id}: {refused}");
        let request = call(&server, &method, path, operation).bearer_auth(find(&only, scope));
        // An event stream stays open, so only its status is read.
        let allowed = match path.ends_with("/events") {
            true => request.send().await.unwrap().status().as_u16(),
            false => server.send(request).await.status,
        };
        assert_ne!(allowed, 403, "{id}");
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

#[tokio::test]
async fn a_token_with_scopes_opens_no_page_and_calls_no_function_of_the_pages() {
    let server = TestServer::shared().await;
    let scoped = token_with(&server, ApiScope::ALL.iter().copied());
    let arguments = json!({ "employees": "", "tokens": "" });
    server.call("open_team", &scoped, &arguments).await.failure(403, "FORBIDDEN");
    for path in ["/team", "/tenants", "/nothing/here"] {
        let request = server.request(Method::GET, path).header("accept", "text/html").bearer_auth(&scoped);
        assert_eq!(server.send(request).await.status, 403, "{path}");
    }
    // Without scopes, only the role limits the token.
    let unlimited = server.token("VIEWER");
    assert_eq!(server.call("open_team", &unlimited, &arguments).await.status, 200);
}

#[tokio::test]
async fn a_token_gives_no_more_scopes_than_it_has() {
    let server = TestServer::shared().await;
    let scoped = token_with(&server, [ApiScope::TokensWrite, ApiScope::TenantsRead]);
    let create = async |scopes: Value| {
        let request = server.request(Method::POST, &format!("{API}/tokens")).bearer_auth(&scoped);
        let body = json!({ "name": "nested", "role": "VIEWER", "scopes": scopes });
        server.send(request.header("idempotency-key", new_key()).json(&body)).await
    };
    let created = create(json!(["tenants:read"])).await;
    assert_eq!((created.status, &created.json()["scopes"]), (201, &json!(["tenants:read"])));
    for scopes in [json!(["requests:read"]), Value::Null] {
        let refused = create(scopes).await.problem(403, "FORBIDDEN");
        assert_eq!(refused["errors"][0]["rule"], "not_own");
    }
    for (scopes, rule) in [(json!([]), "required"), (json!(["all"]), "unknown"), (json!("all"), "type")] {
        let refused = create(scopes).await.problem(422, "VALIDATION_ERROR");
        assert_eq!(
            (&refused["errors"][0]["field"], &refused["errors"][0]["rule"]),
            (&json!("scopes"), &json!(rule))
        );
    }
}

#[tokio::test]
async fn a_provisioning_call_that_is_refused_before_the_core_checks_the_scope_too() {
    let server = TestServer::shared().await;
    let scoped = token_with(&server, [ApiScope::TenantsRead]);
    let reply = server.provision(&scoped, &new_key(), &json!({ "slug": "x" })).await;
    reply.problem(403, "FORBIDDEN");
}
