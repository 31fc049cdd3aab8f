//! The team page without scripts: what each role sees and may do, secrets that are shown once, and the last super
//! admin who cannot be lost.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, TestServer, new_key};

const PAGE: &str = "/team";

async fn employees(server: &TestServer) -> Vec<Value> {
    let token = server.token("SUPER_ADMIN");
    let listed = server.get("/api/v1/admin/employees", &token).await.json();
    listed["employees"].as_array().unwrap().clone()
}

/// The ID of the employee with this address.
async fn id_of(server: &TestServer, email: &str) -> String {
    let found = employees(server).await.into_iter().find(|employee| employee["email"] == email).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn sign_in(server: &TestServer, email: &str) -> String {
    let reply = server.post_form("/login", "", &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    reply.cookie()
}

/// Asserts that a form did something, and that the page then says so.
#[track_caller]
fn assert_done(reply: &Reply, action: &str) {
    let location = format!("{PAGE}?saved={action}");
    assert_eq!((reply.status, reply.header("location")), (303, location.as_str()), "{}", reply.text);
}

#[tokio::test]
async fn each_role_sees_what_it_may_manage() {
    let server = TestServer::start();
    let address = server.create_employee("VIEWER");
    let (viewer, bob) = (sign_in(&server, &address).await, id_of(&server, &address).await);
    let (admin, super_admin) = (server.session("ADMIN").await, server.session("SUPER_ADMIN").await);
    for (cookie, sees_people, manages) in
        [(&viewer, false, false), (&admin, true, false), (&super_admin, true, true)]
    {
        let page = server.page(PAGE, cookie).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.text.contains(&address), sees_people);
        assert_eq!(page.text.contains("team-invite-form"), manages);
        assert_eq!(page.text.contains("data-testid=\"team-manage\""), manages);
        assert!(page.text.contains("team-token-form") && page.text.contains("team-session"));
    }
    let visitor = server.page(PAGE, "").await;
    assert_eq!((visitor.status, visitor.header("location")), (303, "/login?next=%2Fteam"));

    for action in
        ["invite", "resend", "revoke", "role", "disable", "enable", "reset_password", "end_sessions"]
    {
        let form = [
            ("action", action),
            ("employee", &bob),
            ("name", "Eve"),
            ("email", "eve@example.com"),
            ("role", "VIEWER"),
            ("key", &new_key()),
        ];
        for cookie in [&viewer, &admin] {
            let refused = server.post_form(PAGE, cookie, &form).await;
            assert_eq!(refused.status, 403, "{action}: {}", refused.text);
        }
    }
    let higher =
        [("action", "create_token"), ("name", "ci"), ("role", "ADMIN"), ("days", "1"), ("key", &new_key())];
    assert_eq!(server.post_form(PAGE, &viewer, &higher).await.status, 403);
    let unknown = server.post_form(PAGE, &super_admin, &[("action", "remove")]).await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn an_employee_is_invited_and_managed_by_form_posts() {
    let server = TestServer::start();
    let admin = server.session("SUPER_ADMIN").await;
    let key = new_key();
    let invite = |email: &'static str, key: String| {
        let (server, admin) = (&server, &admin);
        async move {
            let form = [
                ("action", "invite"),
                ("name", "Bob Stone"),
                ("email", email),
                ("role", "ADMIN"),
                ("key", &key),
            ];
            server.post_form(PAGE, admin, &form).await
        }
    };
    let refused = invite("bob@", key.clone()).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("value=\"Bob Stone\"") && refused.text.contains("value=\"bob@\""));

    // Without a mail server, the link is shown once.
    let invited = invite("bob@example.com", key.clone()).await;
    assert_eq!((invited.status, invited.header("cache-control")), (200, "no-store"), "{}", invited.text);
    let (_, rest) = invited.text.split_once(&format!("{}/setup/", server.origin)).unwrap();
    let link = format!("/setup/{}", rest.split(['"', '<']).next().unwrap());
    let repeated = invite("bob@example.com", key).await;
    assert_eq!(repeated.status, 200);
    assert!(repeated.text.contains("No second invitation was created"), "{}", repeated.text);
    assert!(!repeated.text.contains("/setup/"));
    assert_eq!(employees(&server).await.len(), 2, "the second post of a form creates nothing");
    assert!(!server.page(PAGE, &admin).await.text.contains("/setup/"));

    let bob = id_of(&server, "bob@example.com").await;
    let post = async |action: &str, fields: &[(&str, &str)]| {
        let form = [&[("action", action), ("employee", &bob)], fields].concat();
        server.post_form(PAGE, &admin, &form).await
    };
    assert_done(&post("revoke", &[]).await, "revoke");
    assert_eq!(server.page(&link, "").await.status, 404);
    let again = post("resend", &[]).await;
    let (_, rest) = again.text.split_once(&format!("{}/setup/", server.origin)).unwrap();
    let link = format!("/setup/{}", rest.split(['"', '<']).next().unwrap());
    let session = server.post_form(&link, "", &[("password", PASSWORD)]).await.cookie();

    assert_done(&post("role", &[("role", "VIEWER")]).await, "role");
    let of_bob = server.page(PAGE, &session).await;
    assert!(!of_bob.text.contains("bob@example.com"), "a viewer does not see the people");
    assert_done(&post("reset_password", &[]).await, "reset_password");
    assert_eq!(post("reset_password", &[]).await.status, 429);
    assert_done(&post("end_sessions", &[]).await, "end_sessions");
    assert_eq!(server.page(PAGE, &session).await.status, 303);
    sign_in(&server, "bob@example.com").await;
    let page = server.page(PAGE, &admin).await;
    assert!(page.text.contains("1 session ends immediately"), "{}", page.text);
    assert_done(&post("disable", &[]).await, "disable");
    assert_eq!(post("reset_password", &[]).await.status, 409);
    assert_done(&post("enable", &[]).await, "enable");
    sign_in(&server, "bob@example.com").await;
}

#[tokio::test]
async fn a_token_with_scopes_is_created_once_and_revoked() {
    let server = TestServer::start();
    let admin = server.session("ADMIN").await;
    let key = new_key();
    let form = [
        ("action", "create_token"),
        ("name", "reports"),
        ("role", "VIEWER"),
        ("days", "7"),
        ("requests:read", "on"),
        ("key", &key),
    ];
    let created = server.post_form(PAGE, &admin, &form).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let (_, rest) = created.text.split_once("tnt_admin_").unwrap();
    let token = format!("tnt_admin_{}", rest.split(['"', '<']).next().unwrap());
    assert_eq!(server.get("/api/v1/admin/provisioning-requests", &token).await.status, 200);
    let refused = server.get("/api/v1/admin/tenants", &token).await.problem(403, "FORBIDDEN");
    assert_eq!(refused["errors"][0]["rule"], "missing_scope");
    let again = server.post_form(PAGE, &admin, &form).await;
    assert!(again.status == 200 && !again.text.contains(&token), "the token is shown once");
    assert!(again.text.contains("No second token was created"), "{}", again.text);

    let invalid =
        [("action", "create_token"), ("name", ""), ("role", "VIEWER"), ("days", "0"), ("key", &key)];
    let refused = server.post_form(PAGE, &admin, &invalid).await;
    assert!(refused.status == 422 && refused.text.contains("#token-name"), "{}", refused.text);

    let listed =
        server.send(server.request(Method::GET, "/api/v1/admin/tokens").header("cookie", &admin)).await;
    let id = listed.json()["tokens"][0]["id"].as_str().unwrap().to_owned();
    let stranger = server.session("VIEWER").await;
    let revoke = [("action", "revoke_token"), ("token", id.as_str())];
    assert_eq!(server.post_form(PAGE, &stranger, &revoke).await.status, 404);
    assert_done(&server.post_form(PAGE, &admin, &revoke).await, "revoke_token");
    server.get("/api/v1/admin/provisioning-requests", &token).await.problem(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions() {
    let server = TestServer::start();
    let address = server.create_employee("VIEWER");
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let request = server.request(Method::POST, "/login").header("origin", &server.origin);
    let request = request.header("accept", "text/html").header("user-agent", firefox);
    let current =
        server.send(request.form(&[("email", address.as_str()), ("password", PASSWORD)])).await.cookie();
    let others = [sign_in(&server, &address).await, sign_in(&server, &address).await];
    let page = server.page(PAGE, &current).await;
    assert!(page.text.contains("Firefox on Linux") && page.text.contains("127.0.0.1"), "{}", page.text);
    assert_eq!(page.text.matches("data-testid=\"team-session\"").count(), 3);
    assert_eq!(page.text.matches("This session").count(), 1);

    let listed = server.request(Method::GET, "/api/v1/admin/sessions").header("cookie", &others[0]);
    let sessions = server.send(listed).await.json()["sessions"].as_array().unwrap().clone();
    let own = sessions.iter().find(|session| session["isCurrent"] == true).unwrap();
    let end = [("action", "end_session"), ("session", own["id"].as_str().unwrap())];
    let stranger = server.session("ADMIN").await;
    assert_eq!(server.post_form(PAGE, &stranger, &end).await.status, 404);
    assert_done(&server.post_form(PAGE, &current, &end).await, "end_session");
    assert_eq!(server.page(PAGE, &others[0]).await.status, 303);
    let end_others = [("action", "end_other_sessions")];
    assert_done(&server.post_form(PAGE, &current, &end_others).await, "end_other_sessions");
    assert_eq!(server.page(PAGE, &others[1]).await.status, 303);
    for cookie in [&current, &stranger] {
        assert_eq!(server.page(PAGE, cookie).await.status, 200);
    }
    let more = sign_in(&server, &address).await;
    let request = server.request(Method::DELETE, "/api/v1/admin/sessions").header("origin", &server.origin);
    let ended = server.send(request.header("cookie", &more)).await;
    assert_eq!((ended.status, ended.json()), (200, json!({ "ended": 1 })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_super_admin_is_kept_when_page_and_api_disable_and_demote_at_once() {
    let server = TestServer::start();
    let (ada, bob) = (server.create_employee("SUPER_ADMIN"), server.create_employee("SUPER_ADMIN"));
    let (ada_id, bob_id) = (id_of(&server, &ada).await, id_of(&server, &bob).await);
    let changes: [(&str, Value); 2] =
        [("disable", json!({ "status": "disabled" })), ("role", json!({ "role": "VIEWER" }))];
    for (action, _) in &changes {
        for (_, body) in &changes {
            // Each removes themselves, so that neither loses the right to do so.
            let (of_ada, of_bob) = (sign_in(&server, &ada).await, sign_in(&server, &bob).await);
            let form = [("action", *action), ("employee", &ada_id), ("role", "VIEWER")];
            let path = format!("/api/v1/admin/employees/{bob_id}");
            let request = server.request(Method::PATCH, &path).header("cookie", &of_bob);
            let request = request.header("origin", &server.origin).json(body);
            let (page, api) = tokio::join!(server.post_form(PAGE, &of_ada, &form), server.send(request));
            let refused: Vec<_> = [&page, &api].into_iter().filter(|reply| reply.status == 409).collect();
            assert_eq!(refused.len(), 1, "{} {}", page.text, api.text);
            assert!(refused[0].text.contains("last super admin who can sign in"), "{}", refused[0].text);
            let remaining = "SELECT count(*) FROM employees WHERE role = 'SUPER_ADMIN' AND status = 'active' \
                             AND kind = 'person'";
            assert_eq!(server.data_directory.sql(remaining), "1");
            for email in [&ada, &bob] {
                for command in [
                    vec!["admin", "enable", "--email", email],
                    vec!["admin", "role", "--email", email, "--role", "SUPER_ADMIN"],
                ] {
                    let output = server.command(&command, "");
                    assert!(output.status.success(), "{output:?}");
                }
            }
        }
    }
    // The refusal of the last super admin says why.
    let output = server.command(&["admin", "disable", "--email", &bob], "");
    assert!(output.status.success(), "{output:?}");
    let of_ada = sign_in(&server, &ada).await;
    let refused = server.post_form(PAGE, &of_ada, &[("action", "disable"), ("employee", &ada_id)]).await;
    assert_eq!(refused.status, 409);
    let reason = "First give the role SUPER_ADMIN to another employee who has a password";
    assert!(refused.text.contains(reason), "{}", refused.text);
}
