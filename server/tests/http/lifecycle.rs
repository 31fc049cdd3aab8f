//! The life of a tenant over HTTP: `docs/specification.md`, sections 7 and 8.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key, valid_body};

/// A new tenant, and calls about it.
struct Tenant<'a> {
    server: &'a TestServer,
    token: String,
    slug: String,
    created: Value,
}

impl<'a> Tenant<'a> {
    async fn new(server: &'a TestServer, body: &Value) -> Self {
        let token = server.token("ADMIN");
        let reply = server.provision(&token, &new_key(), body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let created = reply.json();
        let slug = created["tenant"]["slug"].as_str().unwrap().to_owned();
        Self { server, token, slug, created }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.call_as(&self.token, method, path, body).await
    }

    async fn call_as(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Reply {
        let path = format!("/api/v1/admin/tenants/{}{path}", self.slug);
        let request = self.server.request(method, &path).bearer_auth(token);
        self.server.send(if let Some(body) = &body { request.json(body) } else { request }).await
    }

    async fn patch(&self, if_match: Option<&str>, body: Value) -> Reply {
        let path = format!("/api/v1/admin/tenants/{}", self.slug);
        let request = self.server.request(Method::PATCH, &path).bearer_auth(&self.token).json(&body);
        self.server
            .send(if let Some(etag) = if_match { request.header("if-match", etag) } else { request })
            .await
    }

    /// The number of audit entries with this action.
    fn audited(&self, action: &str) -> String {
        let id = self.created["tenant"]["id"].as_str().unwrap();
        let sql = format!("SELECT count(*) FROM audit_log WHERE subject_id = '{id}' AND action = '{action}'");
        self.server.data_directory.sql(&sql)
    }
}

fn without_owner() -> Value {
    json!({ "slug": valid_body()["slug"], "name": "Golden Spoon" })
}

#[tokio::test]
async fn a_tenant_is_suspended_and_resumed() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let reply = tenant.call(Method::POST, "/suspend", Some(json!({ "reason": "Unpaid" }))).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text);
    let suspended = reply.json();
    assert_eq!(
        (&suspended["status"], &suspended["suspensionReason"]),
        (&"suspended".into(), &"Unpaid".into())
    );
    let record =
        format!("/api/v1/admin/provisioning-requests/{}", tenant.created["requestId"].as_str().unwrap());
    assert_eq!(server.get(&record, &tenant.token).await.json()["tenantStatus"], "suspended");
    let problem = tenant.call(Method::POST, "/suspend", Some(json!({ "reason": "Unpaid" }))).await;
    let problem = problem.problem(409, "INVALID_TRANSITION");
    assert_eq!(problem["detail"], "The tenant is suspended. Only an active tenant can be suspended.");

    let reply = tenant.call(Method::POST, "/resume", None).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &"active".into()), "{}", reply.text);
    tenant.call(Method::POST, "/resume", None).await.problem(409, "INVALID_TRANSITION");
    assert_eq!(
        (tenant.audited("tenant.suspended"), tenant.audited("tenant.resumed")),
        ("1".into(), "1".into())
    );
}

#[tokio::test]
async fn the_invitation_page_of_a_suspended_tenant_says_so() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let link = tenant.created["owner"]["invitationUrl"].as_str().unwrap();
    let path = link.strip_prefix(&server.origin).unwrap();
    assert_eq!(server.page(path, "").await.status, 200);
    tenant.call(Method::POST, "/suspend", Some(json!({ "reason": "Unpaid" }))).await;
    let page = server.page(path, "").await;
    assert_eq!(page.status, 403, "{}", page.text);
    let title = domain::ErrorCode::TenantSuspended.entry().title;
    assert!(page.text.contains(title), "{}", page.text);
    let password = [("password", crate::support::PASSWORD)];
    assert_eq!(server.post_form(path, "", &password).await.status, 403);
    tenant.call(Method::POST, "/resume", None).await;
    assert_eq!(server.post_form(path, "", &password).await.status, 303);
}

#[tokio::test]
async fn a_tenant_is_deleted_after_its_slug_is_typed_and_can_be_restored() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let problem = tenant.call(Method::DELETE, "", None).await.problem(422, "VALIDATION_ERROR");
    assert_eq!(problem["errors"][0]["rule"], "required");
    let problem = tenant.call(Method::DELETE, "?slug=other", None).await.problem(422, "VALIDATION_ERROR");
    assert_eq!(problem["errors"][0]["rule"], "mismatch");
    tenant.call(Method::DELETE, "?force=true", None).await.problem(422, "VALIDATION_ERROR");

    let reply = tenant.call(Method::DELETE, "", Some(json!({ "slug": tenant.slug }))).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &"deleted".into()), "{}", reply.text);
    let until = reply.json()["restorableUntil"].clone();
    let path = format!("/api/v1/admin/availability/slug?slug={}", tenant.slug);
    let availability = server.get(&path, &tenant.token).await.json();
    assert_eq!(
        (&availability["available"], &availability["conflict"]["restorableUntil"]),
        (&false.into(), &until)
    );
    tenant.call(Method::GET, "/keys", None).await.problem(404, "TENANT_NOT_FOUND");

    let reply = tenant.call(Method::POST, "/restore", None).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &"active".into()), "{}", reply.text);
    tenant.call(Method::POST, "/restore", None).await.problem(409, "INVALID_TRANSITION");
    let deleted = tenant.call(Method::DELETE, &format!("?slug={}", tenant.slug), None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(
        (tenant.audited("tenant.deleted"), tenant.audited("tenant.restored")),
        ("2".into(), "1".into())
    );
}

#[tokio::test]
async fn naming_an_owner_activates_a_tenant_that_waited_for_one() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &without_owner()).await;
    let email = format!("owner@{}.example", tenant.slug);
    let body = json!({ "name": "Ada Lovelace", "email": email });
    let reply = tenant.call(Method::PUT, "/owner", Some(body.clone())).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let named = reply.json();
    assert_eq!((&named["status"], &named["owner"]["email"]), (&"active".into(), &email.clone().into()));
    let link = named["invitationUrl"].as_str().unwrap();
    assert_eq!(server.page(link.strip_prefix(&server.origin).unwrap(), "").await.status, 200);
    let again = tenant.call(Method::PUT, "/owner", Some(body)).await.json();
    assert_eq!((&again["invitationUrl"], &again["status"]), (&Value::Null, &"active".into()));

    let other = Tenant::new(&server, &without_owner()).await;
    let body = json!({ "name": "Ada Lovelace", "email": email });
    let problem = other.call(Method::PUT, "/owner", Some(body)).await.problem(409, "EMAIL_UNAVAILABLE");
    assert_eq!((&problem["reason"], &problem["conflict"]["code"]), (&"owns_tenant".into(), &named["code"]));
    let body = json!({ "name": "Ada", "email": email, "useExistingAccount": true });
    let reply = other.call(Method::PUT, "/owner", Some(body)).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &"active".into()), "{}", reply.text);
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn the_address_of_the_owner_changes_with_a_new_invitation_link() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let former = tenant.created["owner"]["invitationUrl"].as_str().unwrap();
    let page = async |link: &str| server.page(link.strip_prefix(&server.origin).unwrap(), "").await.status;
    assert_eq!(page(former).await, 200);
    let email = format!("new@{}.example", tenant.slug);
    let reply = tenant.call(Method::PATCH, "/owner", Some(json!({ "email": email }))).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text);
    let changed = reply.json();
    assert_eq!((&changed["owner"]["email"], &changed["status"]), (&email.clone().into(), &"active".into()));
    assert!(changed["invitationExpiresAt"].is_string());
    let link = changed["invitationUrl"].as_str().unwrap();
    assert_eq!((page(former).await, page(link).await), (404, 200));
    let again = tenant.call(Method::PATCH, "/owner", Some(json!({ "email": email }))).await;
    assert_eq!((again.header("etag"), &again.json()["invitationUrl"]), ("\"2\"", &Value::Null));
    let record = server.get(&format!("/api/v1/admin/tenants/{}", tenant.slug), &tenant.token).await.json();
    assert_eq!((&record["owner"]["email"], &record["version"]), (&email.clone().into(), &2.into()));
    let found = server.get(&format!("/api/v1/admin/tenants?q={email}"), &tenant.token).await.json();
    assert_eq!(found["tenants"][0]["slug"], tenant.slug);
    assert_eq!(tenant.audited("tenant.owner_account_changed"), "1");

    let other = Tenant::new(&server, &valid_body()).await;
    let problem = other.call(Method::PATCH, "/owner", Some(json!({ "email": email }))).await;
    let problem = problem.problem(409, "EMAIL_UNAVAILABLE");
    assert_eq!((&problem["reason"], &problem["conflict"]["code"]), (&"owns_tenant".into(), &changed["code"]));
    for (body, expected) in [
        (json!({}), vec![("", "required")]),
        (
            json!({ "name": "", "email": "x", "role": "owner" }),
            vec![("role", "unknown_field"), ("name", "required"), ("email", "missing_at")],
        ),
    ] {
        let problem = tenant.call(Method::PATCH, "/owner", Some(body)).await.problem(422, "VALIDATION_ERROR");
        let errors = problem["errors"].as_array().unwrap().iter();
        let rules = errors.map(|error| (error["field"].as_str().unwrap(), error["rule"].as_str().unwrap()));
        assert_eq!(rules.collect::<Vec<_>>(), expected);
    }
    let waiting = Tenant::new(&server, &without_owner()).await;
    let refused = waiting.call(Method::PATCH, "/owner", Some(json!({ "name": "Ada" }))).await;
    let problem = refused.problem(409, "INVALID_TRANSITION");
    assert_eq!(problem["errors"][0]["rule"], "no_owner");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn a_change_needs_the_version_that_it_changes() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    tenant.patch(None, json!({ "plan": "lite" })).await.problem(428, "PRECONDITION_REQUIRED");
    let reply = tenant.patch(Some("\"1\""), json!({ "plan": "lite", "commission": 7.5 })).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text);
    let changed = reply.json();
    assert_eq!((&changed["plan"], &changed["commissionPercent"]), (&"lite".into(), &7.5.into()));
    tenant.patch(Some("\"1\""), json!({ "plan": "pro" })).await.problem(412, "PRECONDITION_FAILED");
    let reply = tenant.patch(Some("*"), json!({ "name": "Silver Spoon", "shortName": "Spoon" })).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"3\""), "{}", reply.text);
    let problem = tenant.patch(Some("*"), json!({ "plan": "Gold", "status": "active" })).await;
    let problem = problem.problem(422, "VALIDATION_ERROR");
    assert_eq!(
        (&problem["errors"][0]["field"], &problem["errors"][1]["field"]),
        (&"status".into(), &"plan".into())
    );
    tenant.patch(Some("*"), json!({ "slug": "-" })).await.problem(422, "INVALID_SLUG");
    assert_eq!(tenant.audited("tenant.updated"), "2");
}

#[tokio::test]
async fn the_former_slug_still_finds_the_tenant_and_belongs_to_no_other() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let renamed = format!("{}x", &tenant.slug[..19]);
    let reply = tenant.patch(Some("*"), json!({ "slug": renamed })).await;
    assert_eq!((reply.status, &reply.json()["slug"]), (200, &renamed.clone().into()), "{}", reply.text);
    // `tenant.slug` is the former slug.
    assert_eq!(tenant.call(Method::GET, "/keys", None).await.status, 200);
    let mut body = valid_body();
    body["slug"] = tenant.slug.clone().into();
    let problem = server.provision(&tenant.token, &new_key(), &body).await.problem(409, "DUPLICATE_SLUG");
    assert_eq!(problem["conflict"]["code"], tenant.created["tenant"]["code"]);
    let other = Tenant::new(&server, &valid_body()).await;
    let problem = other.patch(Some("*"), json!({ "slug": renamed })).await.problem(409, "DUPLICATE_SLUG");
    assert_eq!(problem["suggestions"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_viewer_changes_no_tenant() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let viewer = server.token("VIEWER");
    for (method, path, body) in [
        (Method::POST, "/suspend", Some(json!({ "reason": "Unpaid" }))),
        (Method::POST, "/resume", None),
        (Method::DELETE, "", Some(json!({ "slug": tenant.slug }))),
        (Method::POST, "/restore", None),
        (Method::PUT, "/owner", Some(json!({ "name": "A", "email": "a@example.com" }))),
        (Method::PATCH, "/owner", Some(json!({ "email": "a@example.com" }))),
        (Method::PATCH, "", Some(json!({ "plan": "lite" }))),
    ] {
        let reply = tenant.call_as(&viewer, method.clone(), path, body.clone()).await;
        reply.problem(403, "FORBIDDEN");
        tenant.call_as("", method, path, body).await.problem(401, "UNAUTHENTICATED");
    }
    let unknown = Tenant { slug: "nobody".into(), ..Tenant::new(&server, &valid_body()).await };
    unknown.call(Method::POST, "/resume", None).await.problem(404, "TENANT_NOT_FOUND");
    unknown.call(Method::DELETE, "?slug=nobody", None).await.problem(404, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn an_operator_changes_the_life_of_a_tenant_with_commands() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &valid_body()).await;
    let slug = tenant.slug.as_str();
    let status =
        |arguments: &[&str]| server.command_json(&[arguments, &["--json"]].concat())["status"].clone();
    assert_eq!(status(&["tenant", "suspend", slug, "--reason", "Unpaid"]), "suspended");
    let refused = server.command(&["tenant", "suspend", slug, "--reason", "Unpaid"], "");
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && message.contains("Only an active tenant can be suspended."),
        "{message}"
    );
    assert_eq!(status(&["tenant", "resume", slug]), "active");
    assert!(!server.command(&["tenant", "delete", slug, "--confirm", "other"], "").status.success());
    assert_eq!(status(&["tenant", "delete", slug, "--confirm", slug]), "deleted");
    let restored = server.command(&["tenant", "restore", slug], "");
    let code = tenant.created["tenant"]["code"].as_str().unwrap();
    assert_eq!(String::from_utf8(restored.stdout).unwrap(), format!("Golden Spoon ({code}) is active.\n"));
    assert_eq!(tenant.audited("tenant.restored"), "1");
}
