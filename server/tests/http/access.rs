//! Employees, admin tokens, sessions and passwords over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, TestServer, new_key, valid_body};

const API: &str = "/api/v1/admin";
const NEW_PASSWORD: &str = "amber lantern meadow seven";

/// Sends a call with a session cookie, or with a token.
async fn call(
    server: &TestServer,
    credential: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Reply {
    call_with_key(server, credential, method, path, body, &new_key()).await
}

/// Sends a call as [`call`] does, with this idempotency key. An empty key is not sent.
async fn call_with_key(
    server: &TestServer,
    credential: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
    key: &str,
) -> Reply {
    let request = server.request(method, &format!("{API}{path}")).header("origin", &server.origin);
    let request = if key.is_empty() { request } else { request.header("idempotency-key", key) };
    let request = match credential.contains('=') {
        true => request.header("cookie", credential),
        false => request.bearer_auth(credential),
    };
    server.send(body.into_iter().fold(request, |request, body| request.json(&body))).await
}

async fn get(server: &TestServer, credential: &str, path: &str) -> Value {
    let reply = call(server, credential, Method::GET, path, None).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// Signs in, and returns the cookie.
async fn sign_in(server: &TestServer, email: &str, password: &str) -> String {
    let reply = server.post_form("/login", "", &[("email", email), ("password", password)]).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    reply.cookie()
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_super_admin_invites_updates_and_disables_an_employee() {
    let server = TestServer::start();
    let admin = server.session("SUPER_ADMIN").await;
    let body = json!({ "name": "Bob Stone", "email": "Bob@example.com", "role": "ADMIN" });
    let invited = call(&server, &admin, Method::POST, "/employees", Some(body.clone())).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    let bob = invited.json();
    assert_eq!(
        (&bob["role"], &bob["status"], &bob["hasPassword"]),
        (&json!("ADMIN"), &json!("active"), &json!(false))
    );
    let repeated = call(&server, &admin, Method::POST, "/employees", Some(body)).await;
    repeated.problem(409, "EMAIL_UNAVAILABLE");

    // A newer link replaces the first one. The employee chooses the password.
    let renew = format!("/employees/{}/setup-link", id(&bob));
    let renewed = call(&server, &admin, Method::POST, &renew, None).await;
    assert_eq!(renewed.status, 201, "{}", renewed.text);
    let path =
        |reply: &Value| reply["setupUrl"].as_str().unwrap().strip_prefix(&server.origin).unwrap().to_owned();
    assert_eq!(server.page(&path(&bob), "").await.status, 404);
    let link = path(&renewed.json());
    let page = server.page(&link, "").await;
    assert!(page.status == 200 && page.text.contains("Bob Stone, choose a password"), "{}", page.text);
    let weak = server.post_form(&link, "", &[("password", "Bob Stone example")]).await;
    assert_eq!(weak.status, 422, "{}", weak.text);
    let accepted = server.post_form(&link, "", &[("password", PASSWORD)]).await;
    assert_eq!((accepted.status, accepted.header("location")), (303, "/"), "{}", accepted.text);
    let session = accepted.cookie();
    assert_eq!(server.page("/provisioning", &session).await.status, 200);
    assert_eq!(server.post_form(&link, "", &[("password", NEW_PASSWORD)]).await.status, 404);
    call(&server, &admin, Method::POST, &renew, None).await.problem(409, "INVALID_TRANSITION");

    let change = format!("/employees/{}", id(&bob));
    let changed = call(&server, &admin, Method::PATCH, &change, Some(json!({ "role": "VIEWER" }))).await;
    assert_eq!((changed.status, &changed.json()["role"]), (200, &json!("VIEWER")));
    call(&server, &session, Method::GET, "/availability/slug?slug=x-y-z", None)
        .await
        .problem(403, "FORBIDDEN");
    let disabled = call(&server, &admin, Method::PATCH, &change, Some(json!({ "status": "disabled" }))).await;
    assert_eq!((disabled.status, &disabled.json()["status"]), (200, &json!("disabled")));
    call(&server, &session, Method::GET, "/sessions", None).await.problem(401, "UNAUTHENTICATED");
    let listed = get(&server, &admin, "/employees").await;
    assert_eq!(listed["employees"].as_array().unwrap().len(), 2);
    assert_eq!((&listed["employees"][0], &listed["next"]), (&disabled.json(), &Value::Null));

    let own = format!("/employees/{}", id(&listed["employees"][1]));
    let last = call(&server, &admin, Method::PATCH, &own, Some(json!({ "status": "disabled" }))).await;
    let problem = last.problem(409, "INVALID_TRANSITION");
    assert_eq!(problem["errors"][0]["rule"], "last_super_admin");
}

#[tokio::test]
async fn a_token_is_shown_once_and_stops_working_when_it_is_revoked() {
    let server = TestServer::start();
    let admin = server.session("ADMIN").await;
    let body = json!({ "name": "ci", "role": "ADMIN", "days": 7 });
    let created = call(&server, &admin, Method::POST, "/tokens", Some(body)).await;
    assert_eq!((created.status, created.header("cache-control")), (201, "no-store"), "{}", created.text);
    let created = created.json();
    let token = created["token"].as_str().unwrap();
    let listed = get(&server, token, "/tokens").await;
    let only = &listed["tokens"][0];
    assert_eq!((id(only), &only["status"], &only["role"]), (id(&created), &json!("active"), &json!("ADMIN")));
    assert_eq!(only["createdBy"]["name"], "Test Employee");
    assert!(!listed.to_string().contains(token));

    let higher = json!({ "name": "ci", "role": "SUPER_ADMIN" });
    call(&server, token, Method::POST, "/tokens", Some(higher)).await.problem(403, "FORBIDDEN");
    let path = format!("/tokens/{}", id(&created));
    let viewer = server.session("VIEWER").await;
    call(&server, &viewer, Method::DELETE, &path, None).await.problem(404, "RESOURCE_NOT_FOUND");
    let revoked = call(&server, &admin, Method::DELETE, &path, None).await;
    assert_eq!((revoked.status, revoked.text.as_str()), (204, ""));
    call(&server, token, Method::GET, "/tokens", None).await.problem(401, "UNAUTHENTICATED");
    assert_eq!(get(&server, &admin, "/tokens").await["tokens"][0]["status"], "revoked");
}

#[tokio::test]
async fn a_repeated_call_creates_one_employee_or_token_and_reveals_the_secret_once() {
    let server = TestServer::start();
    let admin = server.session("SUPER_ADMIN").await;
    let post = async |path: &str, body: &Value, key: &str| {
        call_with_key(&server, &admin, Method::POST, path, Some(body.clone()), key).await
    };
    for (path, body, other, secret, revealed) in [
        (
            "/employees",
            json!({ "name": "Bob Stone", "email": "bob@example.com", "role": "ADMIN" }),
            json!({ "name": "Bob Stone", "email": "bob@example.com", "role": "VIEWER" }),
            "setupUrl",
            "setupUrlRevealed",
        ),
        (
            "/tokens",
            json!({ "name": "ci", "role": "ADMIN", "days": 7 }),
            json!({ "name": "ci", "role": "ADMIN" }),
            "token",
            "tokenRevealed",
        ),
    ] {
        post(path, &body, "").await.problem(400, "IDEMPOTENCY_KEY_MISSING");
        post(path, &body, "x").await.problem(400, "IDEMPOTENCY_KEY_INVALID");
        let key = new_key();
        let first = post(path, &body, &key).await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""), "{}", first.text);
        let again = post(path, &body, &key).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"), "{}", again.text);
        let (first, again) = (first.json(), again.json());
        for field in ["id", "name", "email", "role"] {
            assert_eq!(again[field], first[field], "{field}");
        }
        assert!(first[secret].is_string() && again[secret].is_null(), "{first} {again}");
        assert_eq!((&first[revealed], &again[revealed]), (&json!(false), &json!(true)));
        assert!(first["nextStep"].is_null() && again["nextStep"].is_string(), "{first} {again}");

        post(path, &other, &key).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
        let rows = path.trim_start_matches('/');
        let named = |row: &&Value| row["name"] == body["name"];
        assert_eq!(
            get(&server, &admin, path).await[rows].as_array().unwrap().iter().filter(named).count(),
            1
        );
    }
}

#[tokio::test]
async fn an_employee_lists_and_ends_their_own_sessions() {
    let server = TestServer::start();
    let email = server.create_employee("VIEWER");
    let (first, second) =
        (sign_in(&server, &email, PASSWORD).await, sign_in(&server, &email, PASSWORD).await);
    server.session("VIEWER").await;
    let listed = get(&server, &first, "/sessions").await;
    let sessions = listed["sessions"].as_array().unwrap();
    let current: Vec<_> = sessions.iter().map(|session| &session["isCurrent"]).collect();
    assert_eq!(current, [false, true]);
    let path = format!("/sessions/{}", id(&sessions[0]));
    assert_eq!(call(&server, &first, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(server.page("/provisioning", &second).await.status, 303);
    assert_eq!(server.page("/provisioning", &first).await.status, 200);
    call(&server, &first, Method::DELETE, &path, None).await.problem(404, "RESOURCE_NOT_FOUND");
    let admin = server.token("SUPER_ADMIN");
    assert_eq!(get(&server, &admin, "/sessions").await["sessions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_employee_changes_their_own_password_and_stays_signed_in() {
    let server = TestServer::shared().await;
    let email = server.create_employee("VIEWER");
    let (current, other) =
        (sign_in(&server, &email, PASSWORD).await, sign_in(&server, &email, PASSWORD).await);
    let change = async |credential: &str, body: Value| {
        call(&server, credential, Method::PUT, "/me/password", Some(body)).await
    };
    let body = |old: &str, new: &str| json!({ "currentPassword": old, "newPassword": new });
    let wrong = change(&current, body("wrong", NEW_PASSWORD)).await;
    wrong.problem(422, "VALIDATION_ERROR");
    assert_eq!(wrong.fields(), ["currentPassword"]);
    let weak = change(&current, body(PASSWORD, "short")).await;
    assert_eq!(weak.fields(), ["newPassword"]);
    let missing = change(&current, json!({ "password": NEW_PASSWORD })).await;
    assert_eq!(missing.fields(), ["password", "currentPassword", "newPassword"]);
    let service = change(&server.token("ADMIN"), body(PASSWORD, NEW_PASSWORD)).await;
    service.problem(403, "FORBIDDEN");

    assert_eq!(change(&current, body(PASSWORD, NEW_PASSWORD)).await.status, 204);
    assert_eq!(server.page("/provisioning", &current).await.status, 200);
    assert_eq!(server.page("/provisioning", &other).await.status, 303);
    sign_in(&server, &email, NEW_PASSWORD).await;
    for _ in 0..9 {
        change(&current, body("wrong", NEW_PASSWORD)).await;
    }
    change(&current, body(NEW_PASSWORD, PASSWORD)).await.problem(429, "RATE_LIMITED");
}

#[tokio::test]
async fn every_paged_list_has_a_limit_a_cursor_and_a_link_to_the_next_page() {
    let server = TestServer::start();
    let admin = server.session("SUPER_ADMIN").await;
    let mut slug = String::new();
    for _ in 0..2 {
        server.session("VIEWER").await;
        let token = server.token("ADMIN");
        let created = server.provision(&token, &new_key(), &valid_body()).await.json();
        slug = created["tenant"]["slug"].as_str().unwrap().to_owned();
    }
    server.token("VIEWER");
    server.command_json(&["key", "rotate", &slug, "--json"]);
    server.command_json(&["key", "rotate", &slug, "--json"]);
    // No call adds a member to a tenant yet.
    server.data_directory.sql(&format!(
        "INSERT INTO tenantry.memberships (tenant_id, user_id, role)
         SELECT t.id, u.id, 'member' FROM tenantry.tenants t, tenantry.users u
         WHERE t.slug = '{slug}' AND u.id IS DISTINCT FROM t.owner_id"
    ));
    for (path, rows) in [
        ("/employees", "employees"),
        ("/tokens", "tokens"),
        ("/sessions", "sessions"),
        ("/provisioning-requests", "requests"),
        (&format!("/tenants/{slug}/keys"), "keys"),
        (&format!("/tenants/{slug}/invitations"), "invitations"),
    ] {
        let mut next = format!("{API}{path}?limit=1");
        let mut seen = Vec::new();
        while !next.is_empty() {
            let request = server.request(Method::GET, &next).header("cookie", &admin);
            let reply = server.send(request).await;
            let page = reply.json();
            seen.push(id(&page[rows][0]).to_owned());
            assert_eq!(page[rows].as_array().unwrap().len(), 1);
            let link = reply.header("link");
            let target = link.strip_suffix(">; rel=\"next\"").and_then(|link| link.strip_prefix('<'));
            next = target.unwrap_or_default().to_owned();
            let after = page["next"].as_str().map(|after| format!("{API}{path}?limit=1&after={after}"));
            assert_eq!(next, after.unwrap_or_default());
        }
        let all = get(&server, &admin, path).await;
        let all: Vec<_> = all[rows].as_array().unwrap().iter().map(|row| id(row).to_owned()).collect();
        assert!(seen.len() >= 2);
        assert_eq!(seen, all, "{path}");
        for query in ["limit=0", "limit=201", "limit=x", "after=x", "limit=1&limit=1", "sort=name"] {
            let refused = call(&server, &admin, Method::GET, &format!("{path}?{query}"), None).await;
            refused.problem(422, "VALIDATION_ERROR");
        }
        let allowed = format!("{path}?limit=200&after=");
        assert_eq!(call(&server, &admin, Method::GET, &allowed, None).await.status, 200);
    }
}

#[tokio::test]
async fn invalid_input_and_roles_without_access_management_are_refused() {
    let server = TestServer::shared().await;
    let (super_admin, admin) = (server.token("SUPER_ADMIN"), server.token("ADMIN"));
    for (method, path, body) in [
        (Method::POST, "/employees", Some(json!({ "name": "A", "email": "a@b.example", "role": "VIEWER" }))),
        (Method::PATCH, "/employees/01234567-89ab-cdef-0123-456789abcdef", Some(json!({ "role": "VIEWER" }))),
        (Method::POST, "/employees/01234567-89ab-cdef-0123-456789abcdef/setup-link", None),
        (Method::DELETE, "/employees/01234567-89ab-cdef-0123-456789abcdef/setup-link", None),
        (Method::POST, "/employees/01234567-89ab-cdef-0123-456789abcdef/password-reset", None),
        (Method::DELETE, "/employees/01234567-89ab-cdef-0123-456789abcdef/sessions", None),
    ] {
        call(&server, &admin, method.clone(), path, body.clone()).await.problem(403, "FORBIDDEN");
        let anonymous = call(&server, "wrong", method, path, body).await;
        anonymous.problem(401, "UNAUTHENTICATED");
    }
    let viewer = server.token("VIEWER");
    call(&server, &viewer, Method::GET, "/employees", None).await.problem(403, "FORBIDDEN");
    get(&server, &admin, "/employees").await;
    for (method, path, body, fields) in [
        (Method::POST, "/employees", json!({}), "name email role"),
        (
            Method::POST,
            "/employees",
            json!({ "name": 1, "email": "a@", "role": "BOSS", "x": 1 }),
            "x name email role",
        ),
        (Method::POST, "/tokens", json!({ "name": "\t", "role": null, "days": 4000 }), "name role days"),
        (Method::POST, "/tokens", json!({ "name": "ci", "role": "ADMIN", "days": "7" }), "days"),
        (
            Method::PATCH,
            "/employees/01234567-89ab-cdef-0123-456789abcdef",
            json!({ "role": "x", "status": "gone" }),
            "role status",
        ),
    ] {
        let refused = call(&server, &super_admin, method, path, Some(body)).await;
        refused.problem(422, "VALIDATION_ERROR");
        assert_eq!(refused.fields().join(" "), fields, "{path}");
    }
    for (method, path) in [
        (Method::PATCH, "/employees/01234567-89ab-cdef-0123-456789abcdef"),
        (Method::DELETE, "/tokens/01234567-89ab-cdef-0123-456789abcdef"),
        (Method::DELETE, "/sessions/not-an-id"),
    ] {
        let unknown = call(&server, &super_admin, method, path, Some(json!({}))).await;
        unknown.problem(404, "RESOURCE_NOT_FOUND");
    }
}
