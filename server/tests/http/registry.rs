use reqwest::Method;
use serde_json::Value;
use test_support::wait::wait_for_value;

use crate::support::{TestServer, new_key, valid_body};

const TENANTS: &str = "/api/v1/admin/tenants";

#[tokio::test]
async fn a_tenant_is_found_by_name_slug_code_id_and_the_owners_address() {
    let server = TestServer::shared().await;
    let (token, viewer, body) = (server.token("ADMIN"), server.token("VIEWER"), valid_body());
    let provisioned = server.provision(&token, &new_key(), &body).await.json();
    let tenant = &provisioned["tenant"];
    for text in [&tenant["id"], &tenant["code"], &body["slug"], &body["owner"]["email"]] {
        let query = format!("{TENANTS}?q={}&status=active&sort=name", text.as_str().unwrap());
        let page = server.get(&query, &viewer).await.json();
        assert_eq!(page["tenants"].as_array().unwrap().len(), 1, "{text}: {page}");
        let row = &page["tenants"][0];
        for (field, expected) in
            [("id", &tenant["id"]), ("code", &tenant["code"]), ("createdAt", &tenant["createdAt"])]
        {
            assert_eq!(&row[field], expected, "{field}");
        }
        assert_eq!((&row["name"], &row["owner"]["email"]), (&body["name"], &body["owner"]["email"]));
    }
}

#[tokio::test]
async fn the_registry_has_pages_with_a_link_to_the_next_one() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let name = format!("Pages {}", &new_key()[..8]);
    for _ in 0..3 {
        let mut body = valid_body();
        body["name"] = name.as_str().into();
        assert_eq!(server.provision(&token, &new_key(), &body).await.status, 201);
    }
    for sort in ["created", "name", "status"] {
        let query = format!("q={}&sort={sort}", name.replace(' ', "+"));
        let first = server.get(&format!("{TENANTS}?{query}&limit=2"), &token).await;
        let page = first.json();
        let link = first.header("link");
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert!(next.starts_with(&format!("{TENANTS}?{query}&limit=2&after=")), "{next}");
        let last = server.get(next, &token).await;
        assert_eq!((page["tenants"].as_array().unwrap().len(), last.header("link")), (2, ""));
        let last = last.json();
        assert!(page["next"].is_string() && last["next"].is_null());
        assert_eq!(last["tenants"].as_array().unwrap().len(), 1, "{sort}");
    }
}

#[tokio::test]
async fn a_tenant_has_its_parts_and_an_entity_tag() {
    let server = TestServer::shared().await;
    let (token, viewer, body) = (server.token("ADMIN"), server.token("VIEWER"), valid_body());
    let provisioned = server.provision(&token, &new_key(), &body).await.json();
    let code = provisioned["tenant"]["code"].as_str().unwrap();
    let path = format!("{TENANTS}/{code}");
    // The delivery of the invitation changes the tenant once more.
    let reply = wait_for_value("the invitation to be sent", async || {
        let reply = server.get(&path, &token).await;
        (reply.json()["messages"][0]["status"] == "sent").then_some(reply)
    })
    .await;
    let (tag, tenant) = (reply.header("etag").to_owned(), reply.json());
    assert_eq!(tenant["requestId"], provisioned["requestId"]);
    assert_eq!((&tenant["keyCount"], &tenant["commissionPercent"]), (&1.into(), &12.5.into()));
    assert_eq!(tenant["owner"]["invitation"], "pending");
    assert_eq!(tenant["settings"]["companyName"], body["name"]);
    assert!(tenant["branding"]["colorPrimary"].as_str().unwrap().starts_with('#'));
    assert_eq!(tenant["segments"][0]["slug"], "general");
    assert_eq!(tenant["packages"].as_array().unwrap().len(), 3);
    assert!(tenant["quotas"]["maxUsers"].is_number() && tenant["resources"].is_array());
    assert!(!reply.text.contains("sk_live_"));
    for other in [&provisioned["tenant"]["id"], &provisioned["tenant"]["slug"]] {
        let same = server.get(&format!("{TENANTS}/{}", other.as_str().unwrap()), &token).await;
        assert_eq!((same.header("etag"), same.json()), (tag.as_str(), tenant.clone()));
    }

    let conditional = |tag: &str| {
        server.send(server.request(Method::GET, &path).bearer_auth(&token).header("if-none-match", tag))
    };
    let known = conditional(&tag).await;
    assert_eq!((known.status, known.text.as_str(), known.header("etag")), (304, "", tag.as_str()));
    assert_eq!(conditional("\"another\"").await.status, 200);
    let key = tenant["slug"].as_str().unwrap();
    let keys = server.get(&format!("{TENANTS}/{key}/keys"), &token).await.json();
    let rotate = format!("{TENANTS}/{key}/keys/{}/rotate", keys["keys"][0]["id"].as_str().unwrap());
    let rotation =
        server.request(Method::POST, &rotate).bearer_auth(&token).header("idempotency-key", new_key());
    let body = serde_json::json!({ "overlapHours": 24 });
    assert_eq!(server.send(rotation.json(&body)).await.status, 201);
    let changed = conditional(&tag).await;
    assert_eq!((changed.status, &changed.json()["keyCount"]), (200, &2.into()));

    let seen_by_viewer = server.get(&path, &viewer).await.json();
    assert!(seen_by_viewer["owner"]["invitation"].is_null(), "{seen_by_viewer}");
    assert_eq!(seen_by_viewer["owner"]["email"], tenant["owner"]["email"]);
    assert_eq!(tenant["messages"][0]["kind"], "invitation");
    assert_eq!(seen_by_viewer["messages"].as_array().unwrap().len(), 0);
    for unknown in ["unknown-tenant", "TEN-99999999", "00000000-0000-0000-0000-000000000001", "%00"] {
        server.get(&format!("{TENANTS}/{unknown}"), &token).await.problem(404, "TENANT_NOT_FOUND");
    }
}

#[tokio::test]
async fn an_export_contains_all_pages_of_the_filtered_registry() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let name = format!("=1+{}", &new_key()[..8]);
    for _ in 0..3 {
        let mut body = valid_body();
        body["name"] = name.as_str().into();
        assert_eq!(server.provision(&token, &new_key(), &body).await.status, 201);
    }
    let path = format!("{TENANTS}/export?q={}&sort=name", name.replace('+', "%2B"));
    let csv = server.get(&format!("{path}&format=csv"), &token).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"tenants.csv\"");
    assert_eq!(csv.text.lines().count(), 4, "{}", csv.text);
    assert!(
        csv.text.starts_with("\u{feff}id,code,slug,name,status,plan,owner name,owner e-mail,created at\n")
    );
    // A value that a spreadsheet would read as a formula is exported as text.
    assert!(csv.text.contains(&format!(",'{name},")), "{}", csv.text);
    let json = server.get(&format!("{path}&format=json"), &token).await.json();
    let names: Vec<&Value> = json.as_array().unwrap().iter().map(|tenant| &tenant["name"]).collect();
    assert_eq!(names, [name.as_str(); 3]);
    server.get(&format!("{path}&format=xml"), &token).await.problem(422, "VALIDATION_ERROR");
    server.get(&format!("{path}&format=csv"), &server.token("VIEWER")).await.problem(403, "FORBIDDEN");
}

#[tokio::test]
async fn every_unknown_repeated_or_invalid_parameter_of_the_registry_is_reported() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let query = "status=ACTIVE&plan=No%20name&after=garbage&state=active&q=a&q=b";
    for (path, names) in [
        ("?limit=0&", "state q status plan after limit"),
        ("?sort=age&", "state q status plan sort"),
        ("/export?format=csv&", "state q status plan after"),
        ("/export?limit=5&", "limit state q status plan after format"),
    ] {
        let problem =
            server.get(&format!("{TENANTS}{path}{query}"), &token).await.problem(422, "VALIDATION_ERROR");
        let fields =
            problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap());
        assert_eq!(fields.collect::<Vec<_>>().join(" "), names, "{path}");
    }
    let valid = format!("{TENANTS}?status=suspended&plan=pro&sort=status&q=&after=&limit=200");
    assert_eq!(server.get(&valid, &token).await.status, 200);
    server.get(TENANTS, "").await.problem(401, "UNAUTHENTICATED");
}
