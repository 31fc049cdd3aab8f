use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, TestServer, new_key};

#[tokio::test]
async fn the_setup_link_creates_one_super_admin() {
    let server = TestServer::start();
    let link = server.setup_path();
    let weak = [("name", "Ada"), ("email", "ada@example"), ("password", "short")];
    let refused = server.post_form(&link, "", &weak).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(!refused.text.contains("value=\"short\""));

    let valid = [("name", "Ada Lovelace"), ("email", "ada@example.com"), ("password", PASSWORD)];
    let accepted = server.post_form(&link, "", &valid).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    let cookie = accepted.cookie();
    assert_eq!(server.page("/provisioning", &cookie).await.status, 200);
    let repeated = server
        .post_form(&link, "", &[("name", "Eve"), ("email", "eve@example.com"), ("password", PASSWORD)])
        .await;
    assert_eq!(repeated.status, 404);

    let out = server.post_form("/logout", &cookie, &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(server.page("/provisioning", &cookie).await.status, 303);
    assert!(server.stop(), "SIGTERM shuts the server down");
}

#[tokio::test]
async fn sign_in_redirects_to_local_paths_only() {
    let server = TestServer::shared().await;
    let email = server.create_employee("ADMIN");
    for (next, location) in [("/provision", "/provision"), ("//evil.example", "/"), ("", "/")] {
        let reply = server
            .post_form("/login", "", &[("email", &email), ("password", PASSWORD), ("next", next)])
            .await;
        assert_eq!((reply.status, reply.header("location")), (303, location));
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_former_session_of_the_browser() {
    let server = TestServer::shared().await;
    let email = server.create_employee("ADMIN");
    let sign_in = async |cookie: &str, password: &str| {
        server.post_form("/login", cookie, &[("email", &email), ("password", password)]).await
    };
    let (first, other_browser) = (sign_in("", PASSWORD).await.cookie(), sign_in("", PASSWORD).await.cookie());
    assert_eq!(sign_in(&first, "wrong").await.status, 401);
    assert_eq!(server.page("/provisioning", &first).await.status, 200);
    let second = sign_in(&first, PASSWORD).await.cookie();
    assert_eq!(server.page("/provisioning", &first).await.status, 303);
    for cookie in [second, other_browser] {
        assert_eq!(server.page("/provisioning", &cookie).await.status, 200);
    }
}

#[tokio::test]
async fn choosing_a_password_with_a_setup_link_ends_the_former_session_of_the_browser() {
    let server = TestServer::start();
    let (former, link) = (server.session("ADMIN").await, server.setup_path());
    let is_open = async |cookie: &str| server.page("/provisioning", cookie).await.status == 200;
    let form = |password| [("name", "Ada Lovelace"), ("email", "ada@example.com"), ("password", password)];
    assert_eq!(server.post_form(&link, &former, &form("short")).await.status, 422);
    assert!(is_open(&former).await);
    let accepted = server.post_form(&link, &former, &form(PASSWORD)).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    let admin = accepted.cookie();
    assert!(!is_open(&former).await && is_open(&admin).await);

    let new = json!({ "name": "Bob Stone", "email": "bob@example.com", "role": "VIEWER" });
    let request = server.request(Method::POST, "/api/v1/admin/employees").header("cookie", &admin);
    let request = request.header("origin", &server.origin).header("idempotency-key", new_key());
    let invited = server.send(request.json(&new)).await.json();
    let link = invited["setupUrl"].as_str().unwrap().strip_prefix(&server.origin).unwrap();
    let accepted = server.post_form(link, &admin, &[("password", PASSWORD)]).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    assert!(!is_open(&admin).await && is_open(&accepted.cookie()).await);
}

#[tokio::test]
async fn ten_wrong_passwords_from_one_network_throttle_the_account() {
    let server = TestServer::shared().await;
    let email = server.create_employee("ADMIN");
    for _ in 0..10 {
        let reply = server.post_form("/login", "", &[("email", &email), ("password", "wrong")]).await;
        assert_eq!(reply.status, 401);
    }
    let reply = server.post_form("/login", "", &[("email", &email), ("password", PASSWORD)]).await;
    assert_eq!(reply.status, 429);
    let seconds: u32 = reply.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn behind_a_trusted_proxy_only_the_guessing_address_is_throttled() {
    let server = TestServer::start_with(&[("TENANTRY_TRUSTED_PROXIES", "127.0.0.1")]);
    // The proxy appends the last address. The client may have forged the addresses before it.
    let (guesser, other) = ("9.9.9.9, 203.0.113.7", "203.0.113.8");
    let sign_in = async |from: &str, email: &str, password: &str| {
        let request =
            server.request(Method::POST, "/login").form(&[("email", email), ("password", password)]);
        let request = request.header("origin", &server.origin).header("x-forwarded-for", from);
        server.send(request).await.status
    };
    for guess in 0..50 {
        assert_eq!(sign_in(guesser, &format!("guess{guess}@example.com"), "wrong").await, 401);
    }
    let email = server.create_employee("ADMIN");
    assert_eq!(sign_in(guesser, &email, PASSWORD).await, 429);
    assert_eq!(sign_in("8.8.8.8, 203.0.113.7", &email, PASSWORD).await, 429);
    assert_eq!(sign_in(other, &email, PASSWORD).await, 303);
}

#[tokio::test]
async fn the_form_works_without_scripts() {
    let server = TestServer::shared().await;
    let cookie = server.session("ADMIN").await;
    let (slug, key) = (format!("f{}", &new_key()[..8]), new_key());
    let email = format!("owner@{slug}.example");
    let fields = [
        ("name", "Plain Form"),
        ("slug", &slug),
        ("plan", "lite"),
        ("timeZone", "UTC"),
        ("currency", "EUR"),
        ("ownerName", "Grace Hopper"),
        ("ownerEmail", &email),
        ("blueprint", "standard"),
        ("theme", "ocean"),
        ("commission", "0"),
        ("idempotencyKey", &key),
    ];
    let provisioned = server.post_form("/provision", &cookie, &fields).await;
    assert_eq!(provisioned.status, 200, "{}", provisioned.text);
    assert!(provisioned.text.contains("sk_live_") && provisioned.text.contains("prov-success"));
    let replayed = server.post_form("/provision", &cookie, &fields).await;
    assert_eq!(replayed.status, 200);
    assert!(!replayed.text.contains("sk_live_") && replayed.text.contains("No second tenant was created."));
    assert!(!provisioned.text.contains("No second tenant was created."));

    assert_eq!(server.post_form("/provision", &cookie, &fields[..10]).await.status, 400);
}

#[tokio::test]
async fn without_scripts_a_refused_field_is_marked_in_the_form_with_the_submitted_values() {
    let server = TestServer::shared().await;
    let (token, cookie, key) = (server.token("ADMIN"), server.session("ADMIN").await, new_key());
    let taken = crate::support::valid_body();
    let slug = taken["slug"].as_str().unwrap();
    let provisioned = server.provision(&token, &new_key(), &taken).await.json();
    let fields = [
        ("name", "Plain Form"),
        ("slug", slug),
        ("plan", "lite"),
        ("timeZone", "UTC"),
        ("currency", "EUR"),
        ("ownerName", "Grace Hopper"),
        ("ownerEmail", &format!("other@{slug}.example")),
        ("blueprint", "standard"),
        ("theme", "ocean"),
        ("commission", "7.25"),
        ("idempotencyKey", &key),
    ];
    let refused = server.post_form("/provision", &cookie, &fields).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let (page, _) = refused.text.split_once("__RESOLVED_RESOURCES").unwrap_or((&refused.text, ""));
    for index in [0, 1, 5, 6, 9, 10] {
        let value = fields[index].1;
        assert!(page.contains(&format!("value=\"{value}\"")), "{value}: {page}");
    }
    let code = provisioned["tenant"]["code"].as_str().unwrap();
    for part in [
        "Plain Form was not created: 1 field to fix",
        "aria-invalid=\"true\"",
        "DUPLICATE_SLUG",
        &format!("href=\"/tenants/{code}\""),
        &format!("{slug}-2"),
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn a_failed_request_opens_as_a_draft_for_admins() {
    let server = TestServer::shared().await;
    let (token, key) = (server.token("ADMIN"), new_key());
    let mut body = crate::support::valid_body();
    let name = body["name"].as_str().unwrap().to_owned();
    body["slug"] = "a-".into();
    let refused = server.provision(&token, &key, &body).await.json();
    let open = async |id: &str, role: &str| {
        server.page(&format!("/provision?request={id}"), &server.session(role).await).await
    };
    let id = refused["requestId"].as_str().unwrap();
    let form = open(id, "ADMIN").await;
    assert_eq!(form.status, 200, "{}", form.text);
    for value in [name.as_str(), "a-", body["owner"]["email"].as_str().unwrap(), &key] {
        assert!(form.text.contains(&format!("value=\"{value}\"")), "{value}: {}", form.text);
    }
    let page = server.page(&format!("/provisioning/{id}"), &server.session("ADMIN").await).await;
    assert!(page.text.contains(&format!("href=\"/provision?request={id}\"")), "{}", page.text);

    let viewed = open(id, "VIEWER").await;
    assert_eq!(viewed.status, 200);
    assert!(!viewed.text.contains(&key), "{}", viewed.text);
    let unknown = open(&new_key(), "ADMIN").await;
    assert_eq!(unknown.status, 404);

    body["slug"] = crate::support::valid_body()["slug"].take();
    assert_eq!(server.provision(&token, &key, &body).await.status, 201);
    let completed = open(id, "ADMIN").await;
    assert_eq!(
        (completed.status, completed.header("location")),
        (303, format!("/provisioning/{id}").as_str())
    );
}

#[tokio::test]
async fn an_expired_session_keeps_the_submitted_values() {
    let server = TestServer::shared().await;
    let key = new_key();
    let fields = [
        ("name", "Typed Name"),
        ("slug", "typed-slug"),
        ("plan", "enterprise"),
        ("ownerName", "Typed Owner"),
        ("ownerEmail", "typed@owner.example"),
        ("commission", "7.25"),
        ("idempotencyKey", &key),
    ];
    let reply = server.post_form("/provision", "tenantry=ended", &fields).await;
    assert_eq!(reply.status, 401);
    let (page, _) = reply.text.split_once("__RESOLVED_RESOURCES").unwrap_or((&reply.text, ""));
    for typed in fields.map(|(_, value)| value).into_iter().filter(|value| *value != "enterprise") {
        assert!(page.contains(&format!("value=\"{typed}\"")), "{typed}: {page}");
    }
    assert!(page.contains("Your session has ended") && page.contains("href=\"/login?next=/provision\""));
    assert!(page.contains("UNAUTHENTICATED") && !page.contains("Your role"), "{page}");
}

#[tokio::test]
async fn the_owner_accepts_the_invitation_once() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let provisioned = server.provision(&token, &new_key(), &crate::support::valid_body()).await.json();
    let link = provisioned["owner"]["invitationUrl"].as_str().unwrap();
    let path = link.strip_prefix(&server.origin).unwrap();
    assert_eq!(server.page(path, "").await.status, 200);
    assert_eq!(server.post_form(path, "", &[("password", "short")]).await.status, 422);
    let accepted = server.post_form(path, "", &[("password", PASSWORD)]).await;
    assert_eq!((accepted.status, accepted.header("location")), (303, "/portal"));
    assert_eq!(server.page("/portal", &accepted.cookie()).await.status, 302);
    // A double click, and a second visit.
    for password in [PASSWORD, "another password of the owner"] {
        let accepted = server.post_form(path, "", &[("password", password)]).await;
        assert_eq!((accepted.status, accepted.header("location")), (303, path));
    }
    let visited = server.page(path, "").await;
    assert_eq!(visited.status, 200);
    assert!(visited.text.contains("You have accepted this invitation"), "{}", visited.text);
    let changed = "SELECT count(*) FROM audit_log WHERE action = 'owner.joined' AND subject_id = ";
    let id = provisioned["tenant"]["id"].as_str().unwrap();
    assert_eq!(server.data_directory.sql(&format!("{changed}'{id}'")), "1");
    assert!(server.page("/invitation/unknown", "").await.text.contains("no longer valid"));
}
