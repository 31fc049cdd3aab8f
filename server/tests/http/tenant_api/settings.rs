//! The tenant, its settings and its branding.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Program, rules};
use crate::support::TestServer;

#[tokio::test]
async fn a_program_reads_its_tenant() {
    let server = TestServer::shared().await;
    let program = Program::with(&server, &server.token("ADMIN"), json!({ "shortName": "Spoon" })).await;
    let tenant = program.json("/tenant").await;
    assert_eq!((&tenant["id"], &tenant["slug"]), (&json!(program.id), &json!(program.slug)));
    assert_eq!((&tenant["shortName"], &tenant["status"]), (&json!("Spoon"), &json!("active")));
    assert_eq!(tenant["quotas"], json!({ "maxUsers": 25, "maxMonthlyQuotes": 1000, "maxStorageGb": 10 }));
    program.sql(&format!(
        "UPDATE tenants SET quota_overrides = '{{\"maxUsers\": null, \"maxStorageGb\": 7}}',
             feature_overrides = '{{\"reports\": true}}' WHERE id = '{}'",
        program.id
    ));
    assert_eq!(program.json("/tenant").await["features"], json!(["reports"]));
    assert_eq!(
        program.json("/tenant").await["quotas"],
        json!({ "maxUsers": null, "maxMonthlyQuotes": 1000, "maxStorageGb": 7 })
    );
}

#[tokio::test]
async fn settings_are_replaced_only_with_the_etag_that_was_read() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let program = Program::new(&server, &token).await;
    let read = program.get("/settings").await;
    let (before, tag) = (read.json(), read.header("etag").to_owned());
    assert_eq!((&before["companyName"], &before["currency"]), (&json!("Golden Spoon"), &json!("EUR")));

    let mut new = before.clone();
    new["supportEmail"] = json!(" Help@Bücher.example ");
    new["timeZone"] = json!("europe/madrid");
    new.as_object_mut().unwrap().remove("websiteUrl");
    program.put("/settings", &new).await.problem(428, "PRECONDITION_REQUIRED");
    let stale = [("if-match", "\"000000000000000000000000\"")];
    program.send(Method::PUT, "/settings", &stale, &new).await.problem(412, "PRECONDITION_FAILED");
    assert_eq!(program.json("/settings").await, before);

    let replaced = program.send(Method::PUT, "/settings", &[("if-match", &tag)], &new).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let after = replaced.json();
    assert_eq!(after["supportEmail"], "Help@xn--bcher-kva.example");
    assert_eq!((&after["timeZone"], &after["websiteUrl"]), (&json!("Europe/Madrid"), &Value::Null));
    let read = program.get("/settings").await;
    assert_eq!((read.json(), read.header("etag")), (after.clone(), replaced.header("etag")));
    assert_eq!(
        program.audited("settings.changed"),
        [json!({ "actor": "API key Default", "before": before, "after": after })]
    );

    // The former version is stale. A star replaces any version. What changes nothing is not audited.
    let former = program.send(Method::PUT, "/settings", &[("if-match", &tag)], &new).await;
    former.problem(412, "PRECONDITION_FAILED");
    assert_eq!(program.overwrite("/settings", &after).await.json(), after);
    assert_eq!(program.audited("settings.changed").len(), 1);
}

#[tokio::test]
async fn admins_read_and_replace_the_same_settings_and_viewers_read_them() {
    let server = TestServer::shared().await;
    let (admin, viewer) = (server.token("ADMIN"), server.token("VIEWER"));
    let program = Program::new(&server, &admin).await;
    for resource in ["/settings", "/branding"] {
        let path = program.admin_path(resource);
        let (own, read) = (program.get(resource).await, server.get(&path, &viewer).await);
        assert_eq!((own.json(), own.header("etag")), (read.json(), read.header("etag")));
        let replace = |token: &str, tag: &str, body: &Value| {
            let request = server.request(Method::PUT, &path).bearer_auth(token).json(body);
            server.send(if tag.is_empty() { request } else { request.header("if-match", tag) })
        };
        let mut new = read.json();
        let field = if resource == "/settings" { "emailFromName" } else { "logoUrl" };
        new[field] = json!("https://golden.example/spoon");
        let tag = read.header("etag");
        replace(&viewer, tag, &new).await.problem(403, "FORBIDDEN");
        replace("", tag, &new).await.problem(401, "UNAUTHENTICATED");
        replace(&program.secret, tag, &new).await.problem(401, "UNAUTHENTICATED");
        replace(&admin, "", &new).await.problem(428, "PRECONDITION_REQUIRED");
        assert_eq!(replace(&admin, tag, &new).await.json(), new);
        assert_eq!(program.json(resource).await, new);
        let action = format!("{}.changed", &resource[1..]);
        let audited = &program.audited(&action)[0];
        assert_eq!((&audited["before"], &audited["after"]), (&read.json(), &new));
        server
            .get(&format!("/api/v1/admin/tenants/nobody{resource}"), &viewer)
            .await
            .problem(404, "TENANT_NOT_FOUND");
    }
}

#[tokio::test]
async fn every_invalid_field_is_named_at_once() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let settings = json!({
        "companyName": " ", "supportEmail": "a@", "supportPhone": "x", "websiteUrl": "goldenspoon.io",
        "timeZone": "Nowhere", "currency": "eur", "locale": 7, "emailFromAddress": "a b@c.example", "color": "red",
    });
    let found = rules(&program.overwrite("/settings", &settings).await);
    let mut fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "color",
            "companyName",
            "currency",
            "emailFromAddress",
            "locale",
            "supportEmail",
            "supportPhone",
            "timeZone",
            "websiteUrl"
        ]
    );
    let branding = json!({ "theme": "neon", "colorPrimary": "#ffff00", "colorAccent": "red" });
    let found = rules(&program.overwrite("/branding", &branding).await);
    let rule = |field: &str, rule: &str| (field.to_owned(), rule.to_owned());
    assert_eq!(
        found,
        [rule("theme", "unknown"), rule("colorPrimary", "low_contrast"), rule("colorAccent", "malformed")]
    );
    assert_eq!(program.audited("settings.changed").len() + program.audited("branding.changed").len(), 0);
}

#[tokio::test]
async fn a_branding_without_colours_has_those_of_its_theme() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let replaced =
        program.overwrite("/branding", &json!({ "theme": "ocean", "colorAccent": "#ABCDEF" })).await;
    let expected = json!({
        "theme": "ocean", "logoUrl": null, "colorPrimary": "#075985", "colorSecondary": "#0e7490",
        "colorAccent": "#abcdef",
    });
    assert_eq!(replaced.json(), expected);
    assert_eq!(program.json("/branding").await, expected);
}

#[tokio::test]
async fn a_tenant_that_is_not_active_refuses_its_key_in_the_next_call() {
    let server = TestServer::shared().await;
    let program = Program::new(&server, &server.token("ADMIN")).await;
    let settings = program.json("/settings").await;
    // Without the triggers, because the guard refuses some of these changes.
    let set_status = |status: &str| {
        program.sql(&format!(
            "SET session_replication_role = replica;
             UPDATE tenants SET status = '{status}', suspended_at = now(), suspension_reason = 'a test',
                 deleted_at = CASE '{status}' WHEN 'deleted' THEN now() END,
                 status_before_deletion = CASE '{status}' WHEN 'deleted' THEN 'active' END
             WHERE id = '{}'",
            program.id
        ))
    };
    for (status, http, code) in [
        ("suspended", 403, "TENANT_SUSPENDED"),
        ("provisioning", 403, "TENANT_NOT_ACTIVE"),
        ("pending_activation", 403, "TENANT_NOT_ACTIVE"),
        ("setup_incomplete", 403, "TENANT_NOT_ACTIVE"),
        ("deleted", 401, "UNAUTHENTICATED"),
    ] {
        set_status(status);
        for path in ["/tenant", "/settings", "/branding", "/segments", "/packages"] {
            program.get(path).await.problem(http, code);
        }
        program.overwrite("/settings", &settings).await.problem(http, code);
        set_status("active");
        assert_eq!(program.json("/settings").await, settings);
    }
}
