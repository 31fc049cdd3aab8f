//! Sign-up by the API and by the pages: `docs/specification.md`, section 8.

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{PASSWORD, Reply, TestServer, new_key, valid_body};

const API: &str = "/api/v1/auth/signup";

fn open() -> TestServer {
    TestServer::start_with(&[("TENANTRY_SIGN_UP", "on")])
}

fn body(email: &str) -> Value {
    json!({ "company": "Silver Fork", "name": "Theo Lindqvist", "email": email })
}

fn new_address() -> String {
    format!("{}@example.com", Uuid::new_v4().simple())
}

async fn post(server: &TestServer, path: &str, body: &Value) -> Reply {
    server.send(server.request(Method::POST, &format!("{API}{path}")).json(body)).await
}

/// Signs up with the API, and returns the token of the link.
async fn sign_up(server: &TestServer, email: &str) -> String {
    assert_eq!(post(server, "", &body(email)).await.status, 202);
    set_token(server, email)
}

/// Gives the sign-up of an address a new token, as if its mail had been read.
pub(crate) fn set_token(server: &TestServer, email: &str) -> String {
    let token = Uuid::new_v4().simple().to_string();
    let sql = format!(
        "SET search_path = tenantry; UPDATE sign_ups SET token_hash = sha256('{token}') WHERE email = '{email}'"
    );
    server.data_directory.sql(&sql);
    token
}

async fn verify(server: &TestServer, token: &str, slug: Option<&str>) -> Reply {
    post(server, "/verify", &json!({ "token": token, "password": PASSWORD, "slug": slug })).await
}

/// The headers of a response, without the date.
fn headers(reply: &Reply) -> HeaderMap {
    let mut headers = reply.headers.clone();
    headers.remove("date");
    headers
}

#[tokio::test]
async fn the_response_is_the_same_for_known_and_unknown_addresses() {
    let server = open();
    let employee = server.create_employee("VIEWER");
    let owner = new_address();
    let token = sign_up(&server, &owner).await;
    assert_eq!(verify(&server, &token, None).await.status, 201);
    let pending = new_address();
    sign_up(&server, &pending).await;

    let unknown = post(&server, "", &body(&new_address())).await;
    let resent = post(&server, "/resend", &json!({ "email": new_address() })).await;
    assert_eq!((unknown.status, resent.status), (202, 202));
    for email in [&employee, &owner, &pending] {
        for (path, body, expected) in
            [("", body(email), &unknown), ("/resend", json!({ "email": email }), &resent)]
        {
            let reply = post(&server, path, &body).await;
            assert_eq!((reply.status, &reply.text), (expected.status, &expected.text), "{email}");
            assert_eq!(headers(&reply), headers(expected), "{email}");
        }
    }
}

#[tokio::test]
async fn the_refusal_of_too_many_calls_does_not_depend_on_the_address() {
    let server = open();
    let employee = server.create_employee("VIEWER");
    let mut refusals = Vec::new();
    for email in [employee, new_address()] {
        for _ in 0..5 {
            assert_eq!(post(&server, "", &body(&email)).await.status, 202);
        }
        let refused = post(&server, "", &body(&email)).await;
        let problem = refused.problem(429, "RATE_LIMITED");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 3500);
        refusals.push(problem);
    }
    assert_eq!(refusals[0], refusals[1]);
}

#[tokio::test]
async fn while_sign_up_is_off_every_call_and_page_is_a_404() {
    let server = TestServer::shared().await;
    let bodies = [
        ("", body(&new_address())),
        ("/resend", json!({ "email": new_address() })),
        ("/verify", json!({ "token": "x", "password": PASSWORD })),
        ("", json!("not even an object")),
    ];
    let mut problems = Vec::new();
    for (path, body) in bodies {
        problems.push(post(&server, path, &body).await.problem(404, "RESOURCE_NOT_FOUND"));
    }
    let slug = server.get(&format!("{API}/slug?slug=silver-fork"), "").await;
    problems.push(slug.problem(404, "RESOURCE_NOT_FOUND"));
    assert!(problems.iter().all(|problem| problem == &problems[0]));
    for path in ["/signup", "/signup/x"] {
        let page = server.page(path, "").await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("Sign-up is not open"), "{path}");
    }
    assert!(!server.page("/login", "").await.text.contains("/signup"));
    for path in ["/signup", "/signup/x"] {
        let posted = server.post_form(path, "", &[("company", "Silver Fork")]).await;
        assert_eq!(posted.status, 404, "{}", posted.text);
    }
}

#[tokio::test]
async fn a_stranger_signs_up_and_is_signed_in() {
    let server = open();
    assert!(server.page("/login", "").await.text.contains("href=\"/signup\""));
    let email = new_address();
    let token = sign_up(&server, &email).await;
    let reply = verify(&server, &token, None).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let created = reply.json();
    assert_eq!(created["tenant"]["slug"], "silver-fork");
    assert_eq!(created["tenant"]["status"], "active");
    assert_eq!(created["portalUrl"], format!("{}/portal", server.origin));
    // The console sends the owner to the portal.
    let page = server.page("/provisioning", &reply.cookie()).await;
    assert_eq!((page.status, page.header("location")), (303, "/portal"));

    let tenant = server.get("/api/v1/admin/tenants/silver-fork", &server.token("ADMIN")).await.json();
    assert_eq!((&tenant["createdBy"], &tenant["owner"]["email"]), (&json!("signup"), &json!(email)));
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn the_link_survives_scanners_and_other_browsers_and_is_idempotent() {
    let server = open();
    let token = sign_up(&server, &new_address()).await;
    let path = format!("/signup/{token}");
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let request = server.request(method, &path).header("accept", "text/html");
        assert_eq!(server.send(request).await.status, 200);
    }
    let page = server.page(&path, "").await;
    assert!(page.text.contains("Create Silver Fork") && page.text.contains("value=\"silver-fork\""));
    let first = verify(&server, &token, None).await;
    // A lost response, or a second click: the same tenant, and another session.
    let second = verify(&server, &token, None).await;
    assert_eq!((second.status, second.json()), (201, first.json()));
    assert_ne!(second.cookie(), first.cookie());
    let other = json!({ "token": token, "password": "amber lantern meadow seven" });
    post(&server, "/verify", &other).await.problem(401, "UNAUTHENTICATED");
    post(&server, "/verify", &json!({ "token": "x", "password": PASSWORD }))
        .await
        .problem(404, "RESOURCE_NOT_FOUND");
    assert!(server.page(&path, "").await.text.contains("You have an account"));
    assert_eq!(server.page("/signup/unknown", "").await.status, 404);
}

#[tokio::test]
async fn a_taken_slug_is_refused_with_suggestions_and_without_its_tenant() {
    let server = open();
    let token = sign_up(&server, &new_address()).await;
    let mut taken = valid_body();
    taken["slug"] = "silver-fork".into();
    assert_eq!(server.provision(&server.token("ADMIN"), &new_key(), &taken).await.status, 201);

    let check = server.get(&format!("{API}/slug?slug=silver-fork&name=Silver%20Fork"), "").await.json();
    assert_eq!(check["available"], false);
    assert_eq!(check["suggestions"].as_array().unwrap().len(), 3);
    assert!(check.get("conflict").is_none());
    let problem = verify(&server, &token, None).await.problem(409, "DUPLICATE_SLUG");
    assert!(problem.get("conflict").is_none_or(Value::is_null), "{problem}");
    assert!(!problem.to_string().contains("Golden Spoon"), "{problem}");
    let suggestion = problem["suggestions"][0].as_str().unwrap();

    let path = format!("/signup/{token}");
    let posted = server.post_form(&path, "", &[("password", PASSWORD), ("slug", "silver-fork")]).await;
    assert_eq!(posted.status, 409);
    assert!(posted.text.contains(suggestion) && !posted.text.contains(PASSWORD), "{}", posted.text);
    let posted = server.post_form(&path, "", &[("password", PASSWORD), ("slug", suggestion)]).await;
    assert_eq!((posted.status, posted.header("location")), (303, "/portal"), "{}", posted.text);
    assert!(!posted.cookie().is_empty());
}

#[tokio::test]
async fn the_forms_work_without_scripts() {
    let server = open();
    let email = new_address();
    let refused = server.post_form("/signup", "", &[("slug", "No"), ("email", "x")]).await;
    assert_eq!(refused.status, 422);
    for id in ["company", "slug", "name", "email"] {
        assert!(refused.text.contains(&format!("href=\"#{id}\"")), "{id}: {}", refused.text);
    }
    let fields = [("company", "Silver Fork"), ("slug", ""), ("name", "Theo"), ("email", email.as_str())];
    let sent = server.post_form("/signup", "", &fields).await;
    assert_eq!(sent.status, 200);
    assert!(sent.text.contains("Check your mail") && sent.text.contains(&email));
    let again = server.post_form("/signup", "", &[("resend", "true"), ("email", &email)]).await;
    assert_eq!(again.status, 200);
    assert!(again.text.contains("on its way again"));
    let path = format!("/signup/{}", set_token(&server, &email));
    let short = server.post_form(&path, "", &[("password", "short"), ("slug", "silver-fork")]).await;
    assert_eq!(short.status, 422);
    assert!(short.text.contains("href=\"#password\""), "{}", short.text);
    let done = server.post_form(&path, "", &[("password", PASSWORD), ("slug", "silver-fork")]).await;
    assert_eq!((done.status, done.header("location")), (303, "/portal"));
}

#[tokio::test]
async fn bad_bodies_and_other_sites_are_refused() {
    let server = open();
    let reply = post(&server, "", &json!({ "company": " ", "email": 1, "extra": true })).await;
    reply.problem(422, "VALIDATION_ERROR");
    assert_eq!(reply.fields(), ["extra", "email", "company", "name"]);
    let reply = post(&server, "/verify", &json!({ "password": PASSWORD, "slug": "A" })).await;
    reply.problem(422, "VALIDATION_ERROR");
    assert_eq!(reply.fields(), ["token", "slug"]);
    for path in ["", "/resend", "/verify"] {
        let request = server.request(Method::POST, &format!("{API}{path}")).json(&body(&new_address()));
        let request = request.header("sec-fetch-site", "cross-site");
        server.send(request).await.problem(403, "FORBIDDEN");
    }
    server.get(&format!("{API}/slug?slug=-"), "").await.problem(422, "INVALID_SLUG");
}

#[tokio::test]
async fn an_admin_approves_or_declines_a_sign_up() {
    let server = TestServer::start_with(&[("TENANTRY_SIGN_UP", "approval")]);
    let admin = server.token("ADMIN");
    let call = async |tenant: &str, action: &str, body: &Value| {
        let path = format!("/api/v1/admin/tenants/{tenant}/{action}");
        server.send(server.request(Method::POST, &path).bearer_auth(&admin).json(body)).await
    };
    for slug in ["first-fork", "second-fork"] {
        let token = sign_up(&server, &new_address()).await;
        let created = verify(&server, &token, Some(slug)).await;
        assert_eq!(created.json()["tenant"]["status"], "pending_activation", "{}", created.text);
    }
    let list = server.get("/api/v1/admin/tenants?status=pending_activation", &admin).await.json();
    assert_eq!(list["tenants"].as_array().unwrap().len(), 2);
    let tenant = server.get("/api/v1/admin/tenants/first-fork", &admin).await.json();
    assert_eq!(tenant["awaitsApproval"], true);
    let page = server.page("/tenants", &server.session("ADMIN").await).await;
    assert!(page.text.contains("2 sign-ups wait for your approval."), "{}", page.text);

    assert_eq!(call("first-fork", "activate", &json!({})).await.json()["status"], "active");
    call("second-fork", "decline", &json!({})).await.problem(422, "VALIDATION_ERROR");
    assert_eq!(call("second-fork", "decline", &json!({ "reason": "unknown" })).await.status, 204);
    call("second-fork", "decline", &json!({ "reason": "unknown" })).await.problem(404, "TENANT_NOT_FOUND");
    call("first-fork", "decline", &json!({ "reason": "late" })).await.problem(409, "INVALID_TRANSITION");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}
