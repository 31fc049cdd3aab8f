//! Slugs that a tenant has or had: they are checked, and another tenant that asks for them is refused, until a
//! purge.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, body_for, new_key, valid_body};

struct Admin<'a> {
    server: &'a TestServer,
    token: String,
}

impl Admin<'_> {
    async fn create(&self, slug: &str) -> Reply {
        let mut body = body_for(slug);
        body["owner"]["email"] = json!(format!("{}@example.org", new_key()));
        self.server.provision(&self.token, &new_key(), &body).await
    }

    async fn change(&self, method: Method, tenant: &str, path: &str, body: Value) -> Reply {
        let path = format!("/api/v1/admin/tenants/{tenant}{path}");
        let request = self.server.request(method, &path).bearer_auth(&self.token).header("if-match", "*");
        self.server.send(request.json(&body)).await
    }

    async fn check(&self, slug: &str) -> Value {
        let path = format!("/api/v1/admin/availability/slug?slug={slug}");
        self.server.get(&path, &self.token).await.json()
    }

    /// Asserts that a slug belongs to the tenant with this code: availability says so, and neither a new tenant
    /// nor `other` gets the slug.
    async fn assert_taken(&self, slug: &str, code: &str, other: &str) {
        let availability = self.check(slug).await;
        assert_eq!(
            (&availability["available"], &availability["conflict"]["code"]),
            (&json!(false), &json!(code))
        );
        let renamed = self.change(Method::PATCH, other, "", json!({ "slug": slug })).await;
        for refused in [self.create(slug).await, renamed] {
            let problem = refused.problem(409, "DUPLICATE_SLUG");
            assert_eq!(problem["conflict"]["code"], code, "{slug}");
            assert_eq!(problem["conflict"]["restorableUntil"], availability["conflict"]["restorableUntil"]);
            let suggested = problem["suggestions"].as_array().unwrap();
            assert!(suggested.len() == 3 && !suggested.contains(&json!(slug)), "{problem}");
        }
    }
}

#[tokio::test]
async fn the_slugs_of_a_deleted_tenant_stay_taken_and_come_back_with_it() {
    let server = TestServer::shared().await;
    let admin = Admin { server: &server, token: server.token("ADMIN") };
    let [first, other] = [valid_body(), valid_body()].map(|body| body["slug"].as_str().unwrap().to_owned());
    let created = admin.create(&first).await.json();
    let (code, secret) =
        (created["tenant"]["code"].as_str().unwrap(), created["secretKey"].as_str().unwrap());
    assert_eq!(admin.create(&other).await.status, 201);
    admin.assert_taken(&first, code, &other).await;
    let second = format!("{}x", &first[..19]);
    assert_eq!(admin.check(&second).await["available"], true);
    let renamed = admin.change(Method::PATCH, &first, "", json!({ "slug": second })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);

    let deleted = admin.change(Method::DELETE, &first, "", json!({ "slug": second })).await;
    assert_eq!((deleted.status, &deleted.json()["status"]), (200, &json!("deleted")), "{}", deleted.text);
    let until = deleted.json()["restorableUntil"].clone();
    for slug in [&first, &second] {
        admin.assert_taken(slug, code, &other).await;
        assert_eq!(admin.check(slug).await["conflict"]["restorableUntil"], until);
    }

    let restored = admin.change(Method::POST, &first, "/restore", json!({})).await;
    assert_eq!((restored.status, &restored.json()["slug"]), (200, &json!(second)), "{}", restored.text);
    for slug in [&first, &second] {
        admin.assert_taken(slug, code, &other).await;
        assert_eq!(admin.check(slug).await["conflict"]["restorableUntil"], Value::Null);
        let path = format!("/api/v1/admin/tenants/{slug}");
        assert_eq!(server.get(&path, &admin.token).await.json()["code"], code);
    }
    assert_eq!(server.get("/api/v1/tenant", secret).await.json()["slug"], json!(second));
    // The tenant itself gets its former slug back.
    let back = admin.change(Method::PATCH, code, "", json!({ "slug": first })).await;
    assert_eq!((back.status, &back.json()["slug"]), (200, &json!(first)), "{}", back.text);
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}
