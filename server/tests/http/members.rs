//! The people of a tenant, through the pages and the API: an owner invites a member, who gets in with fewer rights.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key};

const PASSWORD: &str = "copper lantern walks the harbour";

/// A tenant with a new slug, and the path of its owner's invitation.
async fn new_tenant(server: &TestServer) -> (Value, String) {
    let provisioned =
        server.provision(&server.token("ADMIN"), &new_key(), &crate::support::valid_body()).await.json();
    let link = path_of(server, &provisioned["owner"]["invitationUrl"]);
    (provisioned["tenant"].clone(), link)
}

fn path_of(server: &TestServer, url: &Value) -> String {
    url.as_str().unwrap().strip_prefix(&server.origin).unwrap().to_owned()
}

/// Accepts an invitation and returns the cookie of the session.
async fn accept(server: &TestServer, link: &str) -> String {
    let accepted = server.post_form(link, "", &[("password", PASSWORD)]).await;
    assert_eq!((accepted.status, accepted.header("location")), (303, "/portal"), "{}", accepted.text);
    accepted.cookie()
}

async fn invite(server: &TestServer, tenant: &Value, key: &str, email: &str, role: &str) -> Reply {
    let path = format!("/api/v1/admin/tenants/{}/invitations", tenant["code"].as_str().unwrap());
    let request = server.request(Method::POST, &path).bearer_auth(server.token("ADMIN"));
    let body = json!({ "name": "Max Stone", "email": email, "role": role });
    server.send(request.header("idempotency-key", key).json(&body)).await
}

#[tokio::test]
async fn an_owner_signs_in_by_accepting_and_invites_a_member_with_fewer_rights() {
    let server = TestServer::shared().await;
    let (tenant, link) = new_tenant(&server).await;
    let owner = accept(&server, &link).await;
    let slug = tenant["slug"].as_str().unwrap();
    let page = format!("/portal/{slug}/members");
    let email = format!("max@{slug}.example");
    let form = [("action", "invite"), ("name", "Max Stone"), ("email", &email), ("role", "member")];
    let invited = server.post_form(&page, &owner, &form).await;
    let done = format!("{page}?saved=invite");
    assert_eq!((invited.status, invited.header("location")), (303, done.as_str()), "{}", invited.text);
    let listed = server.page(&page, &owner).await;
    assert!(listed.text.contains(&email), "{}", listed.text);

    // The second invitation of the person is refused, and the form keeps what was typed.
    let again = server.post_form(&page, &owner, &form).await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("This person is invited") && again.text.contains(&email), "{}", again.text);

    // The link of an invitation by the API is another one of the same person.
    let path = format!("/api/v1/admin/tenants/{slug}/invitations");
    let list = server.get(&path, &server.token("ADMIN")).await.json();
    let id =
        list["invitations"].as_array().unwrap().iter().find(|one| one["email"] == email.as_str()).unwrap();
    let resend = format!("{path}/{}/resend", id["id"].as_str().unwrap());
    let request = server.request(Method::POST, &resend).bearer_auth(server.token("ADMIN"));
    let resent = server.send(request).await.json();
    let member = accept(&server, &path_of(&server, &resent["invitationUrl"])).await;

    let settings = format!("/portal/{slug}/settings");
    assert_eq!(server.page(&settings, &member).await.status, 200);
    let refused = server.post_form(&page, &member, &form).await;
    assert_eq!(refused.status, 403);
    assert_eq!(server.page(&format!("/portal/{slug}/keys"), &member).await.status, 403);
    // A member of one tenant sees no other tenant.
    let (other, _) = new_tenant(&server).await;
    let foreign = format!("/portal/{}/members", other["slug"].as_str().unwrap());
    for cookie in [&owner, &member] {
        assert_eq!(server.page(&foreign, cookie).await.status, 404);
        assert_eq!(server.post_form(&foreign, cookie, &form).await.status, 404);
    }
}

#[tokio::test]
async fn a_repeated_invitation_by_the_api_invites_once_and_reveals_the_link_once() {
    let server = TestServer::shared().await;
    let (tenant, _) = new_tenant(&server).await;
    let (key, email) = (new_key(), format!("max@{}.example", tenant["slug"].as_str().unwrap()));
    let first = invite(&server, &tenant, &key, &email, "admin").await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert!(first.json()["invitationUrl"].is_string());
    let again = invite(&server, &tenant, &key, &email, "admin").await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(again.json()["member"], first.json()["member"]);
    assert_eq!(again.json()["invitationUrl"], Value::Null);
    let other = invite(&server, &tenant, &new_key(), &email, "member").await.json();
    assert_eq!(
        (&other["code"], &other["errors"][0]["rule"]),
        (&json!("DUPLICATE_KEY"), &json!("already_invited"))
    );
    let bad = invite(&server, &tenant, &new_key(), "max", "boss").await.json();
    let fields: Vec<_> = bad["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["email", "role"]);
}

#[tokio::test]
async fn the_next_click_of_an_owner_says_that_the_tenant_is_suspended() {
    let server = TestServer::shared().await;
    let (tenant, link) = new_tenant(&server).await;
    let owner = accept(&server, &link).await;
    let slug = tenant["slug"].as_str().unwrap();
    assert_eq!(server.page(&format!("/portal/{slug}/branding"), &owner).await.status, 200);
    let path = format!("/api/v1/admin/tenants/{slug}/suspend");
    let request = server.request(Method::POST, &path).bearer_auth(server.token("ADMIN"));
    assert_eq!(server.send(request.json(&json!({ "reason": "unpaid" }))).await.status, 200);
    for page in ["", "/settings", "/branding", "/members", "/keys", "/usage", "/activity"] {
        let shown = server.page(&format!("/portal/{slug}{page}"), &owner).await;
        assert_eq!(shown.status, 403, "{page}");
        assert!(
            shown.text.contains("is suspended") && !shown.text.contains("unpaid"),
            "{page}: {}",
            shown.text
        );
    }
    let form = [("action", "invite"), ("name", "Max"), ("email", "max@example.com"), ("role", "member")];
    let posted = server.post_form(&format!("/portal/{slug}/members"), &owner, &form).await;
    assert_eq!(posted.status, 403);
}

#[tokio::test]
async fn a_forgotten_password_is_requested_with_the_same_response_for_any_address() {
    let server = TestServer::start();
    server.session("ADMIN").await;
    let request = async |email: &str| {
        let reply = server.post_form("/password", "", &[("email", email)]).await;
        (reply.status, reply.header("location").to_owned(), reply.text)
    };
    assert_eq!(request("nobody@example.com").await, request("ada@example.com").await);
    assert_eq!(server.post_form("/password", "", &[("email", "ada")]).await.status, 422);
    assert_eq!(server.page("/password/tampered", "").await.status, 404);
    assert!(server.page("/login", "").await.text.contains("Forgot your password?"));
}
