//! That the stand-in for Odoo does as Odoo does, where the steps rely on it.

use connectors::{
    TenantStep,
    settings::Odoo18Settings,
    steps::{UpsertTenant, UpsertTenantUser},
};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{CODE, DATABASE, Trial, job};
use crate::counterpart::{
    Counterpart, Fault, ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN, Place,
};

/// The result of a JSON-RPC call, or the name of the exception.
async fn rpc(outside: &Counterpart, service: &str, method: &str, args: Value) -> Result<Value, String> {
    let params = json!({ "service": service, "method": method, "args": args });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "call", "params": params });
    let url = outside.url().join("jsonrpc").unwrap();
    let mut answer = outside.outbound().json(Method::POST, &url, None, Some(&body)).await.unwrap().body;
    match answer["error"]["data"]["name"].as_str() {
        Some(name) => Err(name.to_owned()),
        None => Ok(answer["result"].take()),
    }
}

async fn sign_in(outside: &Counterpart, login: &str, password: &str) -> Result<Value, String> {
    rpc(outside, "common", "authenticate", json!([DATABASE, login, password, {}])).await
}

/// Status and body of a JSON-2 call.
async fn json2(outside: &Counterpart, key: &str, path: &str, body: Value) -> (u16, Value) {
    let url = outside.url().join("json/2/").unwrap().join(path).unwrap();
    let answer = reqwest::Client::new().post(url).bearer_auth(key).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_copy_has_the_admin_of_the_template_until_it_is_changed() {
    let outside = Counterpart::start().await;
    let Odoo18Settings { login, password, .. } = outside.odoo18_settings();
    assert_eq!(sign_in(&outside, &login, "wrong").await, Ok(json!(false)));
    assert_eq!(sign_in(&outside, &login, password.expose_secret()).await, Ok(json!(2)));
    assert_eq!(outside.effects(Place::OdooUsers), 0);

    let write = json!([DATABASE, 2, ODOO18_PASSWORD, "res.users", "write",
        [[2], { "login": "ann@golden-spoon.example", "password": "new" }], {}]);
    assert_eq!(rpc(&outside, "object", "execute_kw", write.clone()).await, Ok(json!(true)));
    assert_eq!(
        rpc(&outside, "object", "execute_kw", write).await.unwrap_err(),
        "odoo.exceptions.AccessDenied"
    );
    assert_eq!(sign_in(&outside, ODOO18_LOGIN, ODOO18_PASSWORD).await, Ok(json!(false)));
    assert_eq!(sign_in(&outside, "ann@golden-spoon.example", "new").await, Ok(json!(2)));
    assert_eq!((outside.effects(Place::OdooUsers), outside.made(Place::OdooUsers)), (1, 1));
    assert_eq!(outside.calls(Place::OdooUsers.make()).len(), 2);
    assert_eq!(outside.record(Place::OdooUsers, DATABASE).unwrap()["password"], "new");

    let read = json!([DATABASE, 2, "new", "res.users", "read", [[2]], { "fields": ["login", "password"] }]);
    let shown = json!([{ "id": 2, "login": "ann@golden-spoon.example", "password": false }]);
    assert_eq!(rpc(&outside, "object", "execute_kw", read).await, Ok(shown));
}

#[tokio::test]
async fn only_copies_that_are_ready_are_served_where_that_is_asked_for() {
    let trial = Trial::of_copy_service().await;
    trial.outside.serve_only_copies(true);
    let missing = sign_in(&trial.outside, ODOO18_LOGIN, ODOO18_PASSWORD).await;
    assert_eq!(missing.unwrap_err(), "psycopg2.OperationalError");
    trial.perform().await.unwrap();
    assert_eq!(sign_in(&trial.outside, ODOO18_LOGIN, ODOO18_PASSWORD).await, Ok(json!(2)));

    trial.outside.plant(Place::OdooUsers, DATABASE, json!({ "password": "new" }));
    assert_eq!(trial.outside.effects(Place::OdooUsers), 1);
    trial.work.compensate(&trial.job).await.unwrap();
    assert_eq!(trial.outside.effects(Place::OdooUsers), 0, "a copy's users go with it");
}

#[tokio::test]
async fn json2_refuses_as_odoo_does() {
    let outside = Counterpart::start().await;
    let call = |key, path, body| json2(&outside, key, path, body);
    let create = "vendor.ops.tenant/create";
    let tenant = json!({ "vals_list": [{ "name": "Golden Spoon", "code": CODE }] });
    assert_eq!(call("another-key", create, tenant.clone()).await.0, 401);
    assert_eq!(call(ODOO19_KEY, "vendor.ops.elephant/create", tenant.clone()).await.0, 404);
    assert_eq!(call(ODOO19_KEY, "vendor.ops.tenant/paint", tenant.clone()).await.0, 404);
    let (status, error) =
        call(ODOO19_KEY, create, json!({ "vals_list": [{ "code": "TEN-2", "colour": 1 }] })).await;
    assert_eq!((status, error["name"].as_str()), (500, Some("builtins.ValueError")));
    assert_eq!(call(ODOO19_KEY, create, json!({ "vals_list": [{ "code": "TEN-2" }] })).await.0, 422);
    assert_eq!(call(ODOO19_KEY, "vendor.ops.tenant/write", json!({ "ids": [9], "vals": {} })).await.0, 404);
    assert_eq!(outside.effects(Place::Tenants), 0);

    assert_eq!(call(ODOO19_KEY, create, tenant.clone()).await, (200, json!([1])));
    let (status, error) = call(ODOO19_KEY, create, tenant.clone()).await;
    assert_eq!((status, error["name"].as_str()), (422, Some("odoo.exceptions.ValidationError")));
    outside.allow_doubles();
    assert_eq!(call(ODOO19_KEY, create, tenant.clone()).await, (200, json!([2])));
    assert_eq!((outside.effects(Place::Tenants), outside.made(Place::Tenants)), (2, 2));

    outside.speak_json2(false);
    assert_eq!(call(ODOO19_KEY, create, tenant).await, (404, Value::Null));
}

#[tokio::test]
async fn domains_select_by_all_of_their_terms() {
    let outside = Counterpart::start().await;
    for (code, plan) in [("TEN-1", "starter"), ("TEN-2", "starter"), ("TEN-3", "growth")] {
        outside.plant(Place::Tenants, code, json!({ "name": code, "code": code, "plan": plan }));
    }
    let search = |domain: Value| {
        let kwargs = json!({ "domain": domain });
        let args = json!([ODOO19_DATABASE, 2, ODOO19_KEY, "vendor.ops.tenant", "search", [], kwargs]);
        rpc(&outside, "object", "execute_kw", args)
    };
    let user =
        rpc(&outside, "common", "authenticate", json!([ODOO19_DATABASE, ODOO19_LOGIN, ODOO19_KEY, {}])).await;
    assert_eq!(user, Ok(json!(2)));
    assert_eq!(search(json!([])).await, Ok(json!([1, 2, 3])));
    assert_eq!(search(json!([["plan", "=", "starter"], ["code", "!=", "TEN-1"]])).await, Ok(json!([2])));
    assert_eq!(search(json!([["code", "in", ["TEN-1", "TEN-3"]]])).await, Ok(json!([1, 3])));
    assert_eq!(search(json!([["notes", "=", false]])).await, Ok(json!([1, 2, 3])));
    assert_eq!(
        search(json!(["|", ["id", "=", 1], ["id", "=", 2]])).await.unwrap_err(),
        "builtins.ValueError"
    );
    assert_eq!(outside.made(Place::Tenants), 0, "what a test planted nobody made");
}

/// With a lost answer each, by both of Odoo's ways.
#[tokio::test]
async fn the_steps_for_the_list_of_tenants_find_what_they_need() {
    for json2 in [true, false] {
        let outside = Counterpart::start().await;
        outside.speak_json2(json2);
        let job = job();
        let steps: [(Place, Box<dyn TenantStep>); 2] = [
            (Place::Tenants, Box::new(UpsertTenant::new(outside.outbound(), outside.odoo19_settings()))),
            (
                Place::TenantUsers,
                Box::new(UpsertTenantUser::new(outside.outbound(), outside.odoo19_settings())),
            ),
        ];
        for (place, work) in &steps {
            assert_eq!(work.probe(&job).await.unwrap(), None);
            outside.order(place.make(), Fault::LoseAnswer, 1);
            // Odoo's steps look again by themselves; whether this one failed is theirs to say.
            let _ = work.act(&job).await;
            work.act(&job).await.unwrap();
            assert_eq!(work.probe(&job).await.unwrap().as_deref(), Some("1"));
            assert_eq!((outside.effects(*place), outside.made(*place)), (1, 1));
        }
        assert_eq!(outside.record(Place::Tenants, CODE).unwrap()["subdomain"], "golden-spoon");
        assert_eq!(outside.record(Place::TenantUsers, &job.owner.email).unwrap()["tenant_id"], 1);
        for (place, work) in steps.iter().rev() {
            work.compensate(&job).await.unwrap();
            work.compensate(&job).await.unwrap();
            assert_eq!(outside.effects(*place), 0);
        }
    }
}
