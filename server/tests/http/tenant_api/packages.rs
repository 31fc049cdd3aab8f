//! Segments and packages.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Program, rules};
use crate::support::{TestServer, new_key};

#[tokio::test]
async fn a_new_tenant_has_the_default_segment_and_packages() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let segments = program.json("/segments").await["segments"].clone();
    assert_eq!((segments.as_array().unwrap().len(), &segments[0]["slug"]), (1, &json!("general")));
    assert_eq!(program.json("/segments/general").await, segments[0]);
    let packages = program.json("/packages").await["packages"].clone();
    let slugs: Vec<_> = packages.as_array().unwrap().iter().map(|package| &package["slug"]).collect();
    assert_eq!(slugs, ["basic-package", "standard-package", "premium-package"]);
    assert_eq!((&packages[0]["segment"], &packages[0]["price"]), (&json!("general"), &json!("0.00")));
    program.get("/packages/no-such").await.problem(404, "RESOURCE_NOT_FOUND");
    program.get("/segments/No%00such").await.problem(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn a_segment_is_created_and_replaced_by_its_slug() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let created = program.put("/segments/families", &json!({ "name": "Families" })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let mut segment = created.json();
    assert_eq!((&segment["heroTitle"], &segment["active"]), (&json!(""), &json!(true)));
    segment["heroTitle"] = json!("Welcome, families");
    segment["sortOrder"] = json!(2);
    let tag = created.header("etag");
    let replaced = program.send(Method::PUT, "/segments/families", &[("if-match", tag)], &segment).await;
    assert_eq!((replaced.status, replaced.json()), (200, segment.clone()), "{}", replaced.text);
    let stale = program.send(Method::PUT, "/segments/families", &[("if-match", tag)], &segment).await;
    stale.problem(412, "PRECONDITION_FAILED");
    let unknown = program.overwrite("/segments/nobody", &json!({ "name": "Nobody" })).await;
    unknown.problem(412, "PRECONDITION_FAILED");
    program.put("/segments/A", &json!({ "name": "A" })).await.problem(422, "INVALID_SLUG");
    assert_eq!(program.json("/segments").await["segments"][1], segment);
    assert_eq!(program.audited("segment.created")[0]["after"]["name"], "Families");
    assert_eq!(program.audited("segment.changed")[0]["after"], segment);
}

#[tokio::test]
async fn a_new_package_has_the_slug_of_its_name_and_the_default_segment() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let (key, body) = (new_key(), json!({ "name": "Żagle i Słońce", "basePrice": 4950 }));
    let created = program.post("/packages", &key, &body).await;
    assert_eq!((created.status, created.header("idempotent-replayed")), (201, ""), "{}", created.text);
    let package = created.json();
    assert_eq!((&package["slug"], &package["segment"]), (&json!("zagle-i-slonce"), &json!("general")));
    assert_eq!((&package["price"], &package["currency"]), (&json!("49.50"), &json!("EUR")));
    assert_eq!((&package["bookingType"], &package["active"]), (&json!("DATE"), &json!(true)));
    assert_eq!(created.header("location"), "/api/v1/packages/zagle-i-slonce");

    let replayed = program.post("/packages", &key, &body).await;
    assert_eq!((replayed.status, replayed.header("idempotent-replayed")), (201, "true"));
    assert_eq!((replayed.json(), replayed.header("etag")), (package.clone(), created.header("etag")));
    let other = json!({ "name": "Other", "basePrice": 1 });
    program.post("/packages", &key, &other).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
    let taken = program.post("/packages", &new_key(), &body).await;
    assert_eq!(taken.problem(409, "DUPLICATE_KEY")["errors"][0]["field"], "slug");
    program.send(Method::POST, "/packages", &[], &body).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
    let with_slug = json!({ "name": "Żagle i Słońce", "basePrice": 4950, "slug": "sails" });
    assert_eq!(program.post("/packages", &new_key(), &with_slug).await.json()["slug"], "sails");
    // A name without a slug gets a number, here after the three default packages and the two above.
    for slug in ["package-6", "package-7"] {
        let sushi = json!({ "name": "寿司", "basePrice": 1 });
        assert_eq!(program.post("/packages", &new_key(), &sushi).await.json()["slug"], slug);
    }
    let invalid = json!({ "name": "Tour", "slug": "A" });
    assert_eq!(
        rules(&program.post("/packages", &new_key(), &invalid).await),
        [("slug".to_owned(), "uppercase".to_owned()), ("basePrice".to_owned(), "required".to_owned())]
    );
    assert_eq!(program.audited("package.created").len(), 4);
}

#[tokio::test]
async fn old_field_names_are_accepted_and_new_ones_take_precedence() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let old = json!({ "title": "Old Name", "priceCents": 700 });
    let package = program.post("/packages", &new_key(), &old).await.json();
    assert_eq!((&package["name"], &package["basePrice"]), (&json!("Old Name"), &json!(700)));
    let both = json!({ "title": "Old", "priceCents": 700, "name": "New", "basePrice": 900 });
    let package = program.put("/packages/old-name", &both).await.json();
    assert_eq!((&package["name"], &package["basePrice"]), (&json!("New"), &json!(900)));
    // Null means missing, under both names.
    let null = json!({ "title": null, "priceCents": null, "price": null, "name": "Newer", "basePrice": 0 });
    let package = program.put("/packages/old-name", &null).await.json();
    assert_eq!((&package["name"], &package["basePrice"]), (&json!("Newer"), &json!(0)));
    let null = json!({ "title": "Older", "priceCents": 5, "name": null, "basePrice": null });
    let package = program.put("/packages/old-name", &null).await.json();
    assert_eq!((&package["name"], &package["basePrice"]), (&json!("Older"), &json!(5)));
    // An old name is checked, too.
    let wrong = json!({ "title": "", "priceCents": 1_000_000_000_000_u64, "name": "New", "basePrice": 1 });
    let expected = [("title", "required"), ("priceCents", "too_large")];
    let expected = expected.map(|(field, rule)| (field.to_owned(), rule.to_owned()));
    assert_eq!(rules(&program.put("/packages/old-name", &wrong).await), expected);
    let none = json!({ "name": null, "title": null, "basePrice": null });
    let expected = [("name", "required"), ("basePrice", "required")];
    let expected = expected.map(|(field, rule)| (field.to_owned(), rule.to_owned()));
    assert_eq!(rules(&program.put("/packages/old-name", &none).await), expected);
}

#[tokio::test]
async fn a_package_is_replaced_by_its_slug_and_deleted_except_for_the_last_one() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let path = "/packages/basic-package";
    let read = program.get(path).await;
    let (before, tag) = (read.json(), read.header("etag").to_owned());
    let mut package = before.clone();
    package["price"] = json!("12.50");
    // The price in minor units is that of the version that was read.
    let conflict = rules(&program.put(path, &package).await);
    assert_eq!(conflict, [("price".to_owned(), "conflict".to_owned())]);
    package.as_object_mut().unwrap().remove("basePrice");
    package["description"] = json!("Two lines,\r\nwith a break.");
    let replaced = program.send(Method::PUT, path, &[("if-match", &tag)], &package).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let after = replaced.json();
    assert_eq!((&after["basePrice"], &after["id"]), (&json!(1250), &before["id"]));
    assert_eq!(after["description"], "Two lines,\nwith a break.");
    let audited = &program.audited("package.changed")[0];
    assert_eq!((&audited["before"], &audited["after"]), (&before, &after));

    let stale = program.send(Method::DELETE, path, &[("if-match", &tag)], &Value::Null).await;
    stale.problem(412, "PRECONDITION_FAILED");
    for slug in ["basic-package", "standard-package"] {
        let path = format!("/packages/{slug}");
        assert_eq!(program.send(Method::DELETE, &path, &[], &Value::Null).await.status, 204);
        program.send(Method::DELETE, &path, &[], &Value::Null).await.problem(404, "RESOURCE_NOT_FOUND");
    }
    let last = program.send(Method::DELETE, "/packages/premium-package", &[], &Value::Null).await;
    let problem = last.problem(409, "INVALID_TRANSITION");
    assert_eq!(problem["errors"][0]["rule"], "last_package");
    assert_eq!(program.audited("package.deleted")[0]["before"], after);
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn a_price_has_the_decimals_of_the_currency() {
    let server = TestServer::shared().await;
    let (token, session) = (server.token("ADMIN"), server.session("ADMIN").await);
    let no_price = |rule: &str| Err(rule.to_owned());
    for (currency, cases) in [
        ("JPY", [("1250", Ok((1250, "1250"))), ("12.5", no_price("too_many_decimals"))]),
        ("EUR", [("12.5", Ok((1250, "12.50"))), ("12.505", no_price("too_many_decimals"))]),
        ("KWD", [("12.505", Ok((12505, "12.505"))), ("12.5055", no_price("too_many_decimals"))]),
    ] {
        let program = Program::with(&server, &token, json!({ "currency": currency })).await;
        let free = program.json("/packages/basic-package").await["price"].clone();
        for (price, expected) in cases {
            let reply = program.put("/packages/cruise", &json!({ "name": "Cruise", "price": price })).await;
            match expected {
                Ok((minor, decimal)) => {
                    let package = reply.json();
                    assert_eq!((&package["basePrice"], &package["price"]), (&json!(minor), &json!(decimal)));
                    assert_eq!(package["currency"], currency);
                }
                Err(rule) => assert_eq!(rules(&reply), [("price".to_owned(), rule)], "{currency} {price}"),
            }
        }
        let minor =
            program.put("/packages/cruise", &json!({ "name": "Cruise", "basePrice": 5 })).await.json();
        let (zero, five) = match currency {
            "JPY" => ("0", "5"),
            "EUR" => ("0.00", "0.05"),
            _ => ("0.000", "0.005"),
        };
        assert_eq!((&free, &minor["price"]), (&json!(zero), &json!(five)));
        // The console shows the same texts.
        let record = server.get(&program.admin_path(""), &token).await.json();
        let page = server.page(&format!("/tenants/{}", record["code"].as_str().unwrap()), &session).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for shown in [zero, five] {
            assert!(
                page.text.contains(&format!(">{shown} {currency}<")),
                "{shown} {currency}: {}",
                page.text
            );
        }
        let malformed =
            json!({ "name": "Cruise", "price": "1,5", "bookingType": "WEEK", "segment": "nobody" });
        assert_eq!(
            rules(&program.put("/packages/cruise", &malformed).await),
            [("bookingType", "unknown"), ("price", "malformed"), ("segment", "unknown")]
                .map(|(field, rule)| (field.to_owned(), rule.to_owned()))
        );
    }
}

#[tokio::test]
async fn a_currency_with_other_decimals_is_refused_while_packages_have_prices() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let mut settings = program.json("/settings").await;
    program.put("/packages/cruise", &json!({ "name": "Cruise", "price": "12.50" })).await;
    settings["currency"] = json!("USD");
    assert_eq!(program.overwrite("/settings", &settings).await.status, 200);
    settings["currency"] = json!("JPY");
    let refused = program.overwrite("/settings", &settings).await.problem(409, "INVALID_TRANSITION");
    assert_eq!(refused["errors"][0]["rule"], "prices_exist");
    assert_eq!(program.json("/packages/cruise").await["price"], "12.50");
    program.put("/packages/cruise", &json!({ "name": "Cruise", "basePrice": 0 })).await;
    assert_eq!(program.overwrite("/settings", &settings).await.status, 200);
    assert_eq!(program.json("/packages/cruise").await["price"], "0");
}
