//! The erasure of a person, by the command and on the page without scripts.

use std::process::Output;

use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, TestServer, new_key};

const PAGE: &str = "/audit/erase";
const NAME: &str = "Anna Nowak-Zielińska";

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A tenant with an owner, to which Anna is invited. Returns the slug and the address of Anna.
async fn invited(server: &TestServer) -> (String, String) {
    let token = server.token("SUPER_ADMIN");
    let tag = uuid::Uuid::new_v4().simple().to_string();
    let (slug, email) = (format!("spoon-{}", &tag[..8]), format!("anna.{}@example.com", &tag[..8]));
    let owner = json!({ "name": "Olive", "email": format!("olive.{}@example.com", &tag[..8]) });
    let body = json!({ "name": "Golden Spoon", "slug": slug, "owner": owner });
    assert_eq!(server.provision(&token, &new_key(), &body).await.status, 201);
    let request = server
        .request(Method::POST, &format!("/api/v1/admin/tenants/{slug}/invitations"))
        .bearer_auth(&token)
        .header("Idempotency-Key", new_key())
        .json(&json!({ "name": NAME, "email": email, "role": "member" }));
    assert_eq!(server.send(request).await.status, 201);
    (slug, email)
}

#[tokio::test]
async fn the_command_erases_a_person_once() {
    let server = TestServer::start();
    let (slug, email) = invited(&server).await;
    let preview = server.command(&["person", "erase", &email, "--dry-run"], "");
    assert!(preview.status.success() && stdout(&preview).contains("was not erased"), "{preview:?}");
    assert!(stdout(&preview).contains("outbox_messages"), "{preview:?}");

    // Without a terminal, nobody can confirm.
    let unconfirmed = server.command(&["person", "erase", &email], &email);
    assert!(!unconfirmed.status.success());
    assert!(String::from_utf8_lossy(&unconfirmed.stderr).contains("Add --yes"), "{unconfirmed:?}");

    let erase = ["person", "erase", &email, "--yes", "--reference", "DSR-2026-014"];
    let erased = server.command_json(&[&erase[..], &["--json"]].concat());
    assert_eq!((&erased["outcome"], &erased["dryRun"]), (&json!("erased"), &json!(false)));
    let pseudonym = erased["pseudonym"].as_str().unwrap();
    assert!(pseudonym.starts_with("erased-") && !erased.to_string().contains(&email), "{erased}");
    let again = server.command(&erase, "");
    assert!(again.status.success() && stdout(&again).starts_with("Nothing to erase"), "{again:?}");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
    assert_eq!(server.command_json(&["audit", "verify", "--json"])["ok"], true);
    let log = stdout(&server.command(&["audit", "export"], ""));
    assert!(log.contains(pseudonym) && log.contains("DSR-2026-014"), "{log}");
    assert!(!log.contains(&email) && !log.contains(NAME), "{log}");
    // Neither the log of the server nor the signed head has the address.
    assert!(!server.log().contains(&email));

    let owner = email.replace("anna", "olive");
    let refused = server.command(&["person", "erase", &owner, "--yes"], "");
    assert!(!refused.status.success() && stdout(&refused).contains("would have no owner"), "{refused:?}");
    assert!(server.command(&["tenant", "delete", &slug, "--confirm", &slug], "").status.success());
    assert!(server.command(&["person", "erase", &owner, "--yes"], "").status.success());
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn an_erased_employee_is_signed_out() {
    let server = TestServer::start();
    server.create_employee("SUPER_ADMIN");
    let email = server.create_employee("ADMIN");
    let cookie = server.post_form("/login", "", &[("email", &email), ("password", PASSWORD)]).await.cookie();
    assert_eq!(server.page("/provisioning", &cookie).await.status, 200);
    assert!(server.command(&["person", "erase", &email, "--yes"], "").status.success());
    assert_eq!(server.page("/provisioning", &cookie).await.status, 303);
    assert_eq!(
        server.post_form("/login", "", &[("email", &email), ("password", PASSWORD)]).await.status,
        401
    );
}

#[tokio::test]
async fn the_page_shows_what_would_be_erased_and_erases_after_a_confirmation() {
    let server = TestServer::start();
    let (_, email) = invited(&server).await;
    let cookie = server.session("SUPER_ADMIN").await;
    let opened = server.page(&format!("{PAGE}?email={email}"), &cookie).await;
    assert!(opened.status == 200 && opened.text.contains(&email), "{}", opened.text);
    let preview = server.post_form(PAGE, &cookie, &[("email", &email)]).await;
    assert!(
        preview.status == 200 && preview.text.contains("Memberships and invitations"),
        "{}",
        preview.text
    );
    let typed =
        |confirm| [("email", email.as_str()), ("action", "erase"), ("reference", "7"), ("confirm", confirm)];
    let wrong = server.post_form(PAGE, &cookie, &typed("somebody@example.com")).await;
    assert!(
        wrong.status == 422 && wrong.text.contains("to confirm that this person is erased"),
        "{}",
        wrong.text
    );
    let erased = server.post_form(PAGE, &cookie, &typed(&email)).await;
    assert!(erased.header("location").starts_with("/audit/erase?erased=erased-"), "{}", erased.text);
    let done = server.page(erased.header("location"), &cookie).await;
    assert!(done.text.contains("The person was erased"), "{}", done.text);
    let nothing = server.post_form(PAGE, &cookie, &[("email", &email)]).await;
    assert!(nothing.text.contains("Nothing to erase"), "{}", nothing.text);
    let owner = email.replace("anna", "olive");
    let refused = server.post_form(PAGE, &cookie, &[("email", &owner)]).await;
    assert!(refused.text.contains("would have no owner"), "{}", refused.text);
    let invalid = server.post_form(PAGE, &cookie, &[("email", "anna@")]).await;
    assert_eq!(invalid.status, 422);
}

#[tokio::test]
async fn only_a_super_admin_opens_the_page_and_erases() {
    let server = TestServer::start();
    let (_, email) = invited(&server).await;
    for role in ["ADMIN", "VIEWER"] {
        let cookie = server.session(role).await;
        assert_eq!(server.page(PAGE, &cookie).await.status, 403, "{role}");
        let fields = [("email", email.as_str()), ("action", "erase"), ("confirm", &email)];
        assert_eq!(server.post_form(PAGE, &cookie, &fields).await.status, 403, "{role}");
    }
    assert_eq!(server.page(PAGE, "").await.status, 303);
    let remains = server.command_json(&["person", "erase", &email, "--dry-run", "--json"]);
    assert_eq!(remains["outcome"], "erased");
}
