//! The custom domains of tenants: `docs/specification.md`, section 7.

use reqwest::Method;
use serde_json::{Value, json};
use test_support::fake_dns::FakeDns;

use crate::support::{Reply, TestServer, new_key, valid_body};

/// A server that asks a fake DNS server.
struct Fixture {
    server: TestServer,
    dns: FakeDns,
    token: String,
}

impl Fixture {
    async fn new() -> Self {
        let dns = FakeDns::start().await;
        let address = dns.address().to_string();
        let server = TestServer::start_with(&[
            ("TENANTRY_DNS_SERVER", &address),
            ("TENANTRY_PLATFORM_DOMAINS", "platform.example, Bücher.example"),
            ("TENANTRY_PUBLIC_URL", "https://console.example.org"),
        ]);
        let token = server.token("ADMIN");
        Self { server, dns, token }
    }

    /// Creates a tenant, and returns its slug and its secret key.
    async fn tenant(&self) -> (String, String) {
        let created = self.server.provision(&self.token, &new_key(), &valid_body()).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&created["tenant"]["slug"]), text(&created["secretKey"]))
    }

    async fn call(&self, token: &str, method: Method, tenant: &str, path: &str) -> Reply {
        let path = format!("/api/v1/admin/tenants/{tenant}{path}");
        self.server.send(self.server.request(method, &path).bearer_auth(token)).await
    }

    async fn add_with_key(&self, tenant: &str, key: &str, body: &Value) -> Reply {
        let path = format!("/api/v1/admin/tenants/{tenant}/domains");
        let request = self.server.request(Method::POST, &path).bearer_auth(&self.token);
        self.server.send(request.header("idempotency-key", key).json(body)).await
    }

    async fn add(&self, tenant: &str, domain: &str) -> Value {
        let reply = self.add_with_key(tenant, &new_key(), &json!({ "domain": domain })).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()
    }

    async fn verify(&self, tenant: &str, domain: &Value) -> Value {
        let path = format!("/domains/{}/verify", domain["id"].as_str().unwrap());
        let reply = self.call(&self.token, Method::POST, tenant, &path).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    fn set_records(&self, domain: &Value, values: &[&Value]) {
        let values: Vec<_> = values.iter().map(|value| value.as_str().unwrap()).collect();
        self.dns.set_txt(domain["record"]["name"].as_str().unwrap(), &values);
    }
}

#[tokio::test]
async fn an_admin_adds_verifies_and_removes_a_domain() {
    let fixture = Fixture::new().await;
    let (tenant, secret) = fixture.tenant().await;
    let (key, body) = (new_key(), json!({ "domain": "Shop.Example.COM." }));
    let added = fixture.add_with_key(&tenant, &key, &body).await;
    assert_eq!((added.status, added.header("idempotent-replayed")), (201, ""), "{}", added.text);
    let domain = added.json();
    assert_eq!((&domain["domain"], &domain["status"]), (&"shop.example.com".into(), &"pending".into()));
    assert_eq!(domain["record"]["name"], "_tenantry-challenge.shop.example.com");
    let replayed = fixture.add_with_key(&tenant, &key, &body).await;
    assert_eq!((replayed.json(), replayed.header("idempotent-replayed")), (domain.clone(), "true"));
    let other = fixture.add_with_key(&tenant, &key, &json!({ "domain": "other.example.com" })).await;
    other.problem(422, "IDEMPOTENCY_KEY_REUSED");

    let record = fixture.call(&fixture.token, Method::GET, &tenant, "").await.json();
    let page = format!("/tenants/{}", record["code"].as_str().unwrap());
    let page = fixture.server.page(&page, &fixture.server.session("VIEWER").await).await;
    assert!(page.text.contains("_tenantry-challenge.shop.example.com"), "{}", page.text);
    let checked = fixture.verify(&tenant, &domain).await;
    assert_eq!(
        (&checked["status"], &checked["lastCheck"]["result"]),
        (&"pending".into(), &"not_found".into())
    );
    fixture.set_records(&domain, &[&json!("something else")]);
    let checked = fixture.verify(&tenant, &domain).await;
    assert_eq!(checked["lastCheck"]["result"], "mismatch");
    assert_eq!(checked["lastCheck"]["found"], json!(["something else"]));
    let own = fixture.server.get("/api/v1/tenant", &secret).await.json();
    assert_eq!(own["domains"], json!([]));

    fixture.set_records(&domain, &[&json!("something else"), &domain["record"]["value"]]);
    let verified = fixture.verify(&tenant, &domain).await;
    assert_eq!(verified["status"], "verified");
    let own = fixture.server.get("/api/v1/tenant", &secret).await.json();
    assert_eq!(own["domains"], json!(["shop.example.com"]));
    let record = fixture.call(&fixture.token, Method::GET, &tenant, "").await.json();
    assert_eq!(record["domains"], json!([verified]));
    let list = fixture.call(&fixture.server.token("VIEWER"), Method::GET, &tenant, "/domains").await;
    assert_eq!(list.json(), json!({ "domains": [verified] }));

    let path = format!("/domains/{}", domain["id"].as_str().unwrap());
    assert_eq!(fixture.call(&fixture.token, Method::DELETE, &tenant, &path).await.status, 204);
    fixture.call(&fixture.token, Method::DELETE, &tenant, &path).await.problem(404, "RESOURCE_NOT_FOUND");
    assert_eq!(fixture.server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn of_two_tenants_that_claim_a_domain_only_the_one_that_proves_it_gets_it() {
    let fixture = Fixture::new().await;
    let ((one, _), (two, _)) = (fixture.tenant().await, fixture.tenant().await);
    let (first, second) =
        (fixture.add(&one, "shop.example.com").await, fixture.add(&two, "shop.example.com").await);
    fixture.set_records(&first, &[&first["record"]["value"], &second["record"]["value"]]);
    let (left, right) = tokio::join!(fixture.verify(&one, &first), fixture.verify(&two, &second));
    let mut statuses = [left["status"].as_str().unwrap(), right["status"].as_str().unwrap()];
    statuses.sort_unstable();
    assert_eq!(statuses, ["refused", "verified"]);
    let (third, _) = fixture.tenant().await;
    let body = json!({ "domain": "shop.example.com" });
    let taken = fixture.add_with_key(&third, &new_key(), &body).await.problem(409, "DUPLICATE_KEY");
    assert_eq!(
        (&taken["errors"][0]["field"], &taken["errors"][0]["rule"]),
        (&"domain".into(), &"taken".into())
    );
}

#[tokio::test]
async fn what_cannot_be_verified_is_refused() {
    let fixture = Fixture::new().await;
    let (tenant, _) = fixture.tenant().await;
    for (domain, rule) in [
        (json!("192.0.2.7"), "ip_address"),
        (json!("localhost"), "single_label"),
        (json!("*.example.com"), "wildcard"),
        (json!("https://example.com"), "address"),
        (json!("xn--a.example"), "international"),
        (json!("platform.example"), "platform"),
        (json!("shop.xn--bcher-kva.example"), "platform"),
        (json!("console.example.org"), "platform"),
        (json!(null), "required"),
        (json!(7), "type"),
    ] {
        let reply = fixture.add_with_key(&tenant, &new_key(), &json!({ "domain": domain })).await;
        let problem = reply.problem(422, "VALIDATION_ERROR");
        assert_eq!(
            (&problem["errors"][0]["field"], &problem["errors"][0]["rule"]),
            (&"domain".into(), &rule.into())
        );
    }
    assert_eq!(fixture.add(&tenant, "bücher.example.com").await["domain"], "xn--bcher-kva.example.com");
    let path = format!("/api/v1/admin/tenants/{tenant}/domains");
    let without_key = fixture.server.request(Method::POST, &path).bearer_auth(&fixture.token);
    let without_key = fixture.server.send(without_key.json(&json!({ "domain": "a.example.com" }))).await;
    without_key.problem(400, "IDEMPOTENCY_KEY_MISSING");
}

#[tokio::test]
async fn roles_and_the_status_of_the_tenant_limit_the_calls() {
    let fixture = Fixture::new().await;
    let (tenant, _) = fixture.tenant().await;
    let domain = fixture.add(&tenant, "shop.example.com").await;
    let path = format!("/domains/{}", domain["id"].as_str().unwrap());
    let verify = format!("{path}/verify");
    let calls =
        [(Method::POST, "/domains"), (Method::POST, verify.as_str()), (Method::DELETE, path.as_str())];
    let viewer = fixture.server.token("VIEWER");
    for (method, path) in &calls {
        fixture.call(&viewer, method.clone(), &tenant, path).await.problem(403, "FORBIDDEN");
        fixture.call("", method.clone(), &tenant, path).await.problem(401, "UNAUTHENTICATED");
    }
    fixture
        .call(&fixture.token, Method::POST, &tenant, "/domains/x/verify")
        .await
        .problem(404, "RESOURCE_NOT_FOUND");

    let suspend = format!("/api/v1/admin/tenants/{tenant}/suspend");
    let request = fixture.server.request(Method::POST, &suspend).bearer_auth(&fixture.token);
    assert_eq!(fixture.server.send(request.json(&json!({ "reason": "Unpaid" }))).await.status, 200);
    fixture.set_records(&domain, &[&domain["record"]["value"]]);
    assert_eq!(fixture.verify(&tenant, &domain).await["status"], "verified");
    let deleted = fixture.call(&fixture.token, Method::DELETE, &tenant, &format!("?slug={tenant}")).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    let record = fixture.call(&fixture.token, Method::GET, &tenant, "").await.json();
    assert_eq!(record["domains"][0]["status"], "verified");
    for (method, path) in &calls[1..] {
        fixture.call(&fixture.token, method.clone(), &tenant, path).await.problem(404, "TENANT_NOT_FOUND");
    }
    fixture.call(&fixture.token, Method::GET, &tenant, "/domains").await.problem(404, "TENANT_NOT_FOUND");
}
