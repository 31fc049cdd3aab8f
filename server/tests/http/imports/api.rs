use reqwest::Method;
use serde_json::json;

use super::{archive, clients_archive, upload, wait_for_import};
use crate::support::{TestServer, new_key};

#[tokio::test]
async fn an_uploaded_archive_is_imported_after_its_dry_run() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let accepted = upload(&server, &token, "?dryRun=true&fileName=clients.tar.gz", clients_archive(3)).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    assert_eq!(
        (&accepted.json()["total"], &accepted.json()["fileName"]),
        (&json!(3), &json!("clients.tar.gz"))
    );
    let location = accepted.header("location").to_owned();
    let import = wait_for_import(&server, &token, &location).await;
    assert_eq!((&import["counts"]["create"], &import["done"]), (&json!(3), &json!(3)));
    assert_eq!(server.data_directory.sql("SELECT count(*) FROM tenants"), "0");

    let accepted = upload(&server, &token, "", clients_archive(3)).await;
    let import = wait_for_import(&server, &token, accepted.header("location")).await;
    assert_eq!(import["rows"][0]["slug"], "customer-0");
    assert_eq!(
        server.data_directory.sql("SELECT count(*) FROM tenants WHERE status = 'setup_incomplete'"),
        "3"
    );
    // The archive of an import is deleted.
    let stored = "SELECT count(*) FROM imports WHERE NOT dry_run AND ciphertext IS NOT NULL";
    assert_eq!(server.data_directory.sql(stored), "0");

    let again = upload(&server, &token, "", clients_archive(3)).await;
    let import = wait_for_import(&server, &token, again.header("location")).await;
    assert_eq!(import["counts"]["unchanged"], 3);
    let list = server.get("/api/v1/admin/imports?limit=2", &token).await.json();
    assert_eq!(list["imports"].as_array().unwrap().len(), 2);
    let next = format!("/api/v1/admin/imports?limit=2&after={}", list["next"].as_str().unwrap());
    assert_eq!(server.get(&next, &token).await.json()["imports"][0]["dryRun"], true);
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn a_form_has_the_archive_and_the_owners() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let part = |name: &str, file: &str, content: &[u8]| {
        let head =
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let owners = b"tenant_id,email,name,role\nclient_000,ada@people.example,Ada,owner\nclient_000,bo@people.example,Bo,member\n";
    let form = |field: &str| {
        [
            part("archive", "C:\\data\\clients.tar.gz", &clients_archive(2)),
            part(field, "o.csv", owners),
            b"--x--\r\n".to_vec(),
        ]
        .concat()
    };
    let send = async |body: Vec<u8>| {
        let request = server.request(Method::POST, "/api/v1/admin/imports").bearer_auth(&token);
        let request = request.header("idempotency-key", new_key());
        server.send(request.header("content-type", "multipart/form-data; boundary=x").body(body)).await
    };
    let accepted = send(form("owners")).await;
    assert_eq!(accepted.json()["fileName"], "clients.tar.gz", "{}", accepted.text);
    let import = wait_for_import(&server, &token, accepted.header("location")).await;
    assert_eq!(import["counts"]["withoutOwner"], 1);
    assert_eq!(server.data_directory.sql("SELECT count(*) FROM memberships"), "2");
    let refused = send(form("people")).await;
    refused.problem(422, "VALIDATION_ERROR");
    assert_eq!(refused.fields(), ["people"]);
    let missing = send(b"--x--\r\n".to_vec()).await;
    assert_eq!(missing.fields(), ["archive"]);
}

#[tokio::test]
async fn refused_uploads_say_why() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let rule = async |body: Vec<u8>| {
        let reply = upload(&server, &token, "", body).await;
        reply.problem(422, "VALIDATION_ERROR")["errors"][0]["rule"].clone()
    };
    assert_eq!(rule(b"x".to_vec()).await, "type");
    assert_eq!(rule(archive(&[("readme.txt", "x")])).await, "empty");
    let mut cut = clients_archive(20);
    cut.truncate(cut.len() / 2);
    assert_eq!(rule(cut).await, "damaged");
    upload(&server, &token, "?dryRun=perhaps", clients_archive(1)).await.problem(422, "VALIDATION_ERROR");
    upload(&server, &token, "", vec![0; 17 * 1024 * 1024]).await.problem(413, "VALIDATION_ERROR");
    let text = server.request(Method::POST, "/api/v1/admin/imports").bearer_auth(&token);
    let text = text.header("idempotency-key", new_key()).header("content-type", "text/plain").body("x");
    server.send(text).await.problem(415, "VALIDATION_ERROR");
    for role in ["VIEWER"] {
        let viewer = server.token(role);
        upload(&server, &viewer, "", clients_archive(1)).await.problem(403, "FORBIDDEN");
        server.get("/api/v1/admin/imports", &viewer).await.problem(403, "FORBIDDEN");
    }
    upload(&server, "x", "", clients_archive(1)).await.problem(401, "UNAUTHENTICATED");
    let unknown = server.get(&format!("/api/v1/admin/imports/{}", new_key()), &token).await;
    unknown.problem(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn the_report_has_pages_with_the_problems_first_and_no_secrets() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let files = [
        ("a/client.yaml", "client:\n  name: Aaa\n"),
        ("b/client.yaml", "client:\n  name: Bbb\ninfrastructure:\n  password: hunter2\n"),
        ("c/client.yaml", "client:\n  name: Ccc\n  currency: EURO\n"),
        ("d/client.yaml", "client:\n  name: Ddd\n"),
    ];
    let accepted = upload(&server, &token, "", archive(&files)).await;
    let location = accepted.header("location").to_owned();
    let import = wait_for_import(&server, &token, &location).await;
    assert_eq!((&import["counts"]["create"], &import["counts"]["refused"]), (&json!(2), &json!(2)));
    assert!(!import.to_string().contains("hunter2"));
    assert_eq!(import["rows"][0]["problems"][0]["rule"], "literal_secret");
    let first = server.get(&format!("{location}?limit=3"), &token).await.json();
    let ids = |page: &serde_json::Value| -> Vec<String> {
        page["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["externalId"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&first), ["b", "c", "a"]);
    let next = format!("{location}?limit=3&after={}", first["next"].as_str().unwrap());
    assert_eq!(ids(&server.get(&next, &token).await.json()), ["d"]);
    assert_eq!(ids(&server.get(&format!("{location}?action=create"), &token).await.json()), ["a", "d"]);
    for (text, found) in
        [("CCC", &["c"][..]), ("b/cl", &["b"]), ("client.currency", &["c"]), ("six", &[]), ("%25", &[])]
    {
        assert_eq!(ids(&server.get(&format!("{location}?q={text}"), &token).await.json()), found, "{text}");
    }
    for query in ["action=x", "limit=0", "after=y", "page=2"] {
        server.get(&format!("{location}?{query}"), &token).await.problem(422, "VALIDATION_ERROR");
    }
    let report = format!("{location}/report");
    let csv = server.get(&format!("{report}?format=csv"), &token).await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"import-report.csv\"");
    let lines = csv.text;
    assert!(
        lines.starts_with("\u{feff}file,tenant,action,code,slug,owner,problems,differences\n"),
        "{lines}"
    );
    assert!(
        lines.contains("c/client.yaml,Ccc,refused,,,no,\"c/client.yaml:3:13 client.currency: "),
        "{lines}"
    );
    assert!(lines.contains("\na/client.yaml,Aaa,create,TEN-") && !lines.contains("hunter2"), "{lines}");
    let created = server.get(&format!("{report}?format=json&action=create"), &token).await.json();
    assert_eq!(created.as_array().unwrap().len(), 2);
    server.get(&report, &token).await.problem(422, "VALIDATION_ERROR");
    let unknown = format!("/api/v1/admin/imports/{}/report?format=csv", new_key());
    server.get(&unknown, &token).await.problem(404, "RESOURCE_NOT_FOUND");
    let rows = server.data_directory.sql(
        "SELECT concat((SELECT string_agg(r::text, ' ') FROM import_rows r), (SELECT string_agg(i::text, ' ') FROM imports i))",
    );
    assert!(
        !rows.contains("hunter2") && !rows.contains("68756e74657232") && !server.log().contains("hunter2")
    );
}
