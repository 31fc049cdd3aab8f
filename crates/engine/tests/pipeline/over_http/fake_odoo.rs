//! The fake Odoo behaves like Odoo in everything that the steps rely on.

use connectors::{
    TenantStep,
    settings::Odoo18Settings,
    steps::{UpsertTenant, UpsertTenantUser},
};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{CODE, DATABASE, StepFixture, job};
use test_support::fake_services::{
    Endpoint, FakeServices, Fault, ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN,
};

/// Makes a JSON-RPC call and returns its result, or the name of the exception.
async fn rpc(services: &FakeServices, service: &str, method: &str, args: Value) -> Result<Value, String> {
    let params = json!({ "service": service, "method": method, "args": args });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "call", "params": params });
    let url = services.url().join("jsonrpc").unwrap();
    let mut response = services.outbound().json(Method::POST, &url, None, Some(&body)).await.unwrap().body;
    match response["error"]["data"]["name"].as_str() {
        Some(name) => Err(name.to_owned()),
        None => Ok(response["result"].take()),
    }
}

async fn sign_in(services: &FakeServices, login: &str, password: &str) -> Result<Value, String> {
    rpc(services, "common", "authenticate", json!([DATABASE, login, password, {}])).await
}

/// Makes a JSON-2 call and returns status and body.
async fn json2(services: &FakeServices, key: &str, path: &str, body: Value) -> (u16, Value) {
    let url = services.url().join("json/2/").unwrap().join(path).unwrap();
    let response = reqwest::Client::new().post(url).bearer_auth(key).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_copy_has_the_admin_of_its_template_until_the_admin_changes() {
    let services = FakeServices::start().await;
    let Odoo18Settings { login, password, .. } = services.odoo18_settings();
    assert_eq!(sign_in(&services, &login, "wrong").await, Ok(json!(false)));
    assert_eq!(sign_in(&services, &login, password.expose_secret()).await, Ok(json!(2)));
    assert_eq!(services.effects(Endpoint::OdooUsers), 0);

    let write = json!([DATABASE, 2, ODOO18_PASSWORD, "res.users", "write",
        [[2], { "login": "ann@golden-spoon.example", "password": "new" }], {}]);
    assert_eq!(rpc(&services, "object", "execute_kw", write.clone()).await, Ok(json!(true)));
    assert_eq!(
        rpc(&services, "object", "execute_kw", write).await.unwrap_err(),
        "odoo.exceptions.AccessDenied"
    );
    assert_eq!(sign_in(&services, ODOO18_LOGIN, ODOO18_PASSWORD).await, Ok(json!(false)));
    assert_eq!(sign_in(&services, "ann@golden-spoon.example", "new").await, Ok(json!(2)));
    assert_eq!((services.effects(Endpoint::OdooUsers), services.created(Endpoint::OdooUsers)), (1, 1));
    assert_eq!(services.calls(Endpoint::OdooUsers.writes()).len(), 2);
    assert_eq!(services.record(Endpoint::OdooUsers, DATABASE).unwrap()["password"], "new");

    let read = json!([DATABASE, 2, "new", "res.users", "read", [[2]], { "fields": ["login", "password"] }]);
    let shown = json!([{ "id": 2, "login": "ann@golden-spoon.example", "password": false }]);
    assert_eq!(rpc(&services, "object", "execute_kw", read).await, Ok(shown));
}

#[tokio::test]
async fn only_ready_copies_are_served_when_configured() {
    let fixture = StepFixture::copy_service().await;
    fixture.services.serve_only_ready_copies(true);
    let missing = sign_in(&fixture.services, ODOO18_LOGIN, ODOO18_PASSWORD).await;
    assert_eq!(missing.unwrap_err(), "psycopg2.OperationalError");
    fixture.run().await.unwrap();
    assert_eq!(sign_in(&fixture.services, ODOO18_LOGIN, ODOO18_PASSWORD).await, Ok(json!(2)));

    fixture.services.insert_record(Endpoint::OdooUsers, DATABASE, json!({ "password": "new" }));
    assert_eq!(fixture.services.effects(Endpoint::OdooUsers), 1);
    fixture.work.compensate(&fixture.job).await.unwrap();
    assert_eq!(fixture.services.effects(Endpoint::OdooUsers), 0, "a copy's users are removed with it");
}

#[tokio::test]
async fn json2_errors_match_those_of_odoo() {
    let services = FakeServices::start().await;
    let call = |key, path, body| json2(&services, key, path, body);
    let create = "vendor.ops.tenant/create";
    let tenant = json!({ "vals_list": [{ "name": "Golden Spoon", "code": CODE }] });
    assert_eq!(call("another-key", create, tenant.clone()).await.0, 401);
    assert_eq!(call(ODOO19_KEY, "vendor.ops.unknown/create", tenant.clone()).await.0, 404);
    assert_eq!(call(ODOO19_KEY, "vendor.ops.tenant/paint", tenant.clone()).await.0, 404);
    let (status, error) =
        call(ODOO19_KEY, create, json!({ "vals_list": [{ "code": "TEN-2", "colour": 1 }] })).await;
    assert_eq!((status, error["name"].as_str()), (500, Some("builtins.ValueError")));
    assert_eq!(call(ODOO19_KEY, create, json!({ "vals_list": [{ "code": "TEN-2" }] })).await.0, 422);
    assert_eq!(call(ODOO19_KEY, "vendor.ops.tenant/write", json!({ "ids": [9], "vals": {} })).await.0, 404);
    assert_eq!(services.effects(Endpoint::Tenants), 0);

    assert_eq!(call(ODOO19_KEY, create, tenant.clone()).await, (200, json!([1])));
    let (status, error) = call(ODOO19_KEY, create, tenant.clone()).await;
    assert_eq!((status, error["name"].as_str()), (422, Some("odoo.exceptions.ValidationError")));
    services.allow_duplicates();
    assert_eq!(call(ODOO19_KEY, create, tenant.clone()).await, (200, json!([2])));
    assert_eq!((services.effects(Endpoint::Tenants), services.created(Endpoint::Tenants)), (2, 2));

    services.enable_json2(false);
    assert_eq!(call(ODOO19_KEY, create, tenant).await, (404, Value::Null));
}

#[tokio::test]
async fn a_domain_selects_records_that_satisfy_all_terms() {
    let services = FakeServices::start().await;
    for (code, plan) in [("TEN-1", "starter"), ("TEN-2", "starter"), ("TEN-3", "growth")] {
        services.insert_record(Endpoint::Tenants, code, json!({ "name": code, "code": code, "plan": plan }));
    }
    let search = |domain: Value| {
        let kwargs = json!({ "domain": domain });
        let args = json!([ODOO19_DATABASE, 2, ODOO19_KEY, "vendor.ops.tenant", "search", [], kwargs]);
        rpc(&services, "object", "execute_kw", args)
    };
    let user =
        rpc(&services, "common", "authenticate", json!([ODOO19_DATABASE, ODOO19_LOGIN, ODOO19_KEY, {}]))
            .await;
    assert_eq!(user, Ok(json!(2)));
    assert_eq!(search(json!([])).await, Ok(json!([1, 2, 3])));
    assert_eq!(search(json!([["plan", "=", "starter"], ["code", "!=", "TEN-1"]])).await, Ok(json!([2])));
    assert_eq!(search(json!([["code", "in", ["TEN-1", "TEN-3"]]])).await, Ok(json!([1, 3])));
    assert_eq!(search(json!([["notes", "=", false]])).await, Ok(json!([1, 2, 3])));
    assert_eq!(
        search(json!(["|", ["id", "=", 1], ["id", "=", 2]])).await.unwrap_err(),
        "builtins.ValueError"
    );
    assert_eq!(services.created(Endpoint::Tenants), 0, "records that a test inserted do not count");
}

/// The first write of each step loses its response. Runs over JSON-2 and over JSON-RPC.
#[tokio::test]
async fn each_tenant_registry_step_creates_one_effect() {
    for json2 in [true, false] {
        let services = FakeServices::start().await;
        services.enable_json2(json2);
        let job = job();
        let steps: [(Endpoint, Box<dyn TenantStep>); 2] = [
            (Endpoint::Tenants, Box::new(UpsertTenant::new(services.outbound(), services.odoo19_settings()))),
            (
                Endpoint::TenantUsers,
                Box::new(UpsertTenantUser::new(services.outbound(), services.odoo19_settings())),
            ),
        ];
        for (endpoint, work) in &steps {
            assert_eq!(work.probe(&job).await.unwrap(), None);
            services.inject(endpoint.writes(), Fault::LoseResponse, 1);
            // These steps may check for the effect themselves and succeed.
            let _ = work.act(&job).await;
            work.act(&job).await.unwrap();
            assert_eq!(work.probe(&job).await.unwrap().as_deref(), Some("1"));
            assert_eq!((services.effects(*endpoint), services.created(*endpoint)), (1, 1));
        }
        assert_eq!(services.record(Endpoint::Tenants, CODE).unwrap()["subdomain"], "golden-spoon");
        assert_eq!(services.record(Endpoint::TenantUsers, &job.owner.email).unwrap()["tenant_id"], 1);
        for (endpoint, work) in steps.iter().rev() {
            work.compensate(&job).await.unwrap();
            work.compensate(&job).await.unwrap();
            assert_eq!(services.effects(*endpoint), 0);
        }
    }
}
