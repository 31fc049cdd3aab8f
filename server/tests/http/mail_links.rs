//! The links in mails change nothing when programs such as virus scanners open them before the person does.

use reqwest::Method;
use test_support::wait::block_until;

use crate::support::{PASSWORD, TestServer, body_for, new_key};

const NEW_PASSWORD: &str = "amber lantern meadow seven";

/// Waits for a mail to this address with a link whose path begins with `start`, and returns the path.
fn link(server: &TestServer, address: &str, start: &str) -> String {
    block_until(&format!("a link {start}"), || find_link(server, address, start).is_some());
    find_link(server, address, start).unwrap()
}

fn find_link(server: &TestServer, address: &str, start: &str) -> Option<String> {
    let folder = server.data_directory.path().join("mail");
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let messages = files.filter_map(|file| {
        // A message that is being written has another name at first.
        let text = std::fs::read_to_string(file.unwrap().path()).ok()?;
        // Quoted-printable text wraps long lines.
        Some(text.replace("=\r\n", ""))
    });
    let mut links = messages
        .filter(|message| message.contains(&format!("<{address}>")))
        .filter_map(|message| path_of_link(&message, start));
    links.next()
}

fn path_of_link(message: &str, start: &str) -> Option<String> {
    let (_, rest) = message.split_once(start)?;
    let token: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    Some(format!("{start}{token}"))
}

/// Opens a link as a scanner, a mail client and a person do.
async fn open_repeatedly(server: &TestServer, path: &str) {
    for method in [Method::HEAD, Method::GET, Method::HEAD, Method::GET] {
        let request = server.request(method, path).header("accept", "text/html");
        assert_eq!(server.send(request).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_uses_up_no_link() {
    let server = TestServer::start();
    let body = body_for("golden-spoon");
    let reply = server.provision(&server.token("ADMIN"), &new_key(), &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let address = body["owner"]["email"].as_str().unwrap();

    let invitation = link(&server, address, "/invitation/");
    open_repeatedly(&server, &invitation).await;
    let accepted = server.post_form(&invitation, "", &[("password", PASSWORD)]).await;
    assert_eq!((accepted.status, accepted.header("location")), (303, "/portal"), "{}", accepted.text);

    assert_eq!(server.post_form("/password", "", &[("email", address)]).await.status, 303);
    let reset = link(&server, address, "/password/");
    open_repeatedly(&server, &reset).await;
    let changed = server.post_form(&reset, "", &[("password", NEW_PASSWORD)]).await;
    assert_eq!(changed.status, 303, "{}", changed.text);
    let session = changed.cookie();

    let new_address = format!("new-{address}");
    let form = [("form", "address"), ("email", new_address.as_str()), ("password", NEW_PASSWORD)];
    assert_eq!(server.post_form("/account", &session, &form).await.status, 303);
    for recipient in [address, &new_address] {
        let change = link(&server, recipient, "/address/");
        open_repeatedly(&server, &change).await;
        let stored = "SELECT count(*) FROM users WHERE email LIKE 'new-%'";
        assert_eq!(server.data_directory.sql(stored), "0");
        let confirmed = server.post_form(&change, "", &[("decision", "confirm")]).await;
        assert_eq!(confirmed.status, 303, "{}", confirmed.text);
    }
    let stored = "SELECT count(*) FROM users WHERE email LIKE 'new-%'";
    assert_eq!(server.data_directory.sql(stored), "1");
}
