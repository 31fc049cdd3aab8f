//! Mail over a real mail server, and to a folder: what is delivered, what is retried, and that no message is
//! sent twice.

mod mail_server;

use std::{net::TcpListener, os::unix::fs::PermissionsExt, time::Instant};

use serde_json::{Value, json};
use test_support::wait::block_until;

use self::mail_server::{MailServer, settings_for};
use crate::support::{TestServer, body_for, new_key};

const STATUS: &str =
    "SELECT string_agg(concat_ws(' ', kind, status), ', ' ORDER BY created_at) FROM outbox_messages";
const ERROR: &str = "SELECT coalesce(max(error), 'none') FROM outbox_messages WHERE status <> 'cancelled'";
const SECRETS: &str =
    "SELECT count(*) FROM outbox_messages WHERE ciphertext IS NOT NULL OR wrapped_key IS NOT NULL";

/// A server that sends mail, and a token of an admin.
struct Sender {
    server: TestServer,
    token: String,
}

impl Sender {
    fn start(settings: &[(&'static str, String)]) -> Self {
        let server = TestServer::start_with(&borrowed(settings));
        let token = server.token("ADMIN");
        Self { server, token }
    }

    /// Provisions a tenant, and returns the token of the invitation.
    async fn provision(&self, slug: &str) -> String {
        self.provision_body(&body_for(slug)).await
    }

    async fn provision_body(&self, body: &Value) -> String {
        let reply = self.server.provision(&self.token, &new_key(), body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let provisioned = reply.json();
        let url = provisioned["owner"]["invitationUrl"].as_str().unwrap();
        url.rsplit('/').next().unwrap().to_owned()
    }

    async fn resend(&self, slug: &str) {
        let output = self.server.command(&["invitation", "resend", slug], "");
        assert!(output.status.success(), "{output:?}");
    }

    fn sql(&self, statement: &str) -> String {
        self.server.data_directory.sql(statement)
    }

    /// Waits until a query returns this text, while retries are due immediately.
    fn wait_for(&self, query: &str, expected: &str) {
        block_until(&format!("{expected} from {query}"), || {
            self.sql(
                "UPDATE jobs SET due_at = now() WHERE state = 'retrying' AND due_at > now();
                 UPDATE breakers SET next_test_at = now() WHERE state = 'open'",
            );
            self.sql(query) == expected
        });
    }
}

fn borrowed<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_delivered_with_starttls_and_auth_and_its_link_is_erased() {
    let mail = MailServer::start();
    let sender = Sender::start(&mail.settings());
    let token = sender.provision("golden-spoon").await;
    let message = mail.message(1);
    assert_eq!((&message["secure"], &message["user"]), (&json!(true), &json!("tenantry")));
    assert_eq!(
        message["envelope"],
        json!({ "from": "console@platform.example", "to": ["owner@golden-spoon.example"] })
    );
    assert_eq!(message["from"], json!([{ "name": "Acme, \"Inc.\"", "address": "console@platform.example" }]));
    assert_eq!(message["subject"], "Golden Spoon is ready for you");
    assert_eq!(message["autoSubmitted"], "auto-generated");
    let link = format!("{}/invitation/{token}", sender.server.origin);
    for part in ["text", "html"] {
        assert!(message[part].as_str().unwrap().contains(&link), "{}", message[part]);
    }
    assert_eq!(sender.server.page(&format!("/invitation/{token}"), "").await.status, 200);

    sender.wait_for(STATUS, "invitation sent");
    let id = sender.sql("SELECT id FROM outbox_messages");
    assert_eq!(message["messageId"], format!("<{id}@platform.example>"));
    assert_eq!(sender.sql(SECRETS), "0");
    assert_eq!(sender.sql("SELECT string_agg(state, ' ') FROM jobs WHERE kind = 'mail'"), "succeeded");
    // The token is in no row and no line of the log.
    let rows = format!(
        "SELECT count(*) FROM (SELECT m::text FROM outbox_messages m UNION ALL SELECT j::text FROM jobs j
             UNION ALL SELECT a::text FROM step_attempts a UNION ALL SELECT r::text FROM provisioning_requests r)
             rows (text) WHERE text LIKE '%{token}%'"
    );
    assert_eq!(sender.sql(&rows), "0");
    assert!(!sender.server.log().contains(&token));
    assert!(!sender.server.log().contains("correct horse"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_names() {
    let mail = MailServer::start();
    let sender = Sender::start(&mail.settings());
    let names = [
        ("Zoë \"Quote\" O'Brien, MBA", "Spoon, Fork & \"Knife\" <b>Ltd</b>"),
        ("Ann <eve@example.com>; 🍽👩\u{200d}🍳", "🍽 Gold: spoon; (fork)"),
        ("שרה כהן", "مطعم الملعقة الذهبية"),
    ];
    for (number, (owner, tenant)) in (1..).zip(names) {
        let mut body = body_for(&format!("tenant-{number}"));
        body["name"] = json!(tenant);
        body["owner"]["name"] = json!(owner);
        sender.provision_body(&body).await;
        let message = mail.message(number);
        let address = format!("owner@tenant-{number}.example");
        assert_eq!(message["to"], json!([{ "name": owner, "address": address }]));
        assert_eq!(message["envelope"]["to"], json!([address]));
        let subject = message["subject"].as_str().unwrap().replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(subject, format!("{tenant} is ready for you"));
        assert!(!message["html"].as_str().unwrap().contains("<b>"));
        assert!(!message["headers"].as_array().unwrap().contains(&json!("bcc")));
    }
    // A line break, which the API refuses in a name, from a program that writes to the database.
    sender.sql("UPDATE users SET name = E'Ann\\r\\nBcc: eve@example.com' WHERE email LIKE '%tenant-1%'");
    sender.resend("tenant-1").await;
    let message = mail.message(4);
    assert_eq!(message["to"][0]["name"], "Ann Bcc: eve@example.com");
    assert_eq!(message["envelope"]["to"], json!(["owner@tenant-1.example"]));
    assert!(!message["headers"].as_array().unwrap().contains(&json!("bcc")));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_leaves_when_the_mail_server_is_back_and_provisioning_does_not_wait() {
    // A port on which nothing listens, and then one that accepts connections and never responds.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sender = Sender::start(&settings_for(port));
    let silent = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let started = Instant::now();
    sender.provision("golden-spoon").await;
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    drop(silent);
    sender.provision("silver-spoon").await;
    block_until("a failed attempt", || {
        sender.sql(ERROR).contains("the connection to the mail server failed")
    });
    // Ten minutes later. The retry period of other steps is 30 minutes, that of mail a day.
    sender.sql(
        "UPDATE job_steps SET failing_since = failing_since - interval '10 hours', failed_attempts = 20
                WHERE failing_since IS NOT NULL",
    );
    block_until("another failed attempt", || {
        sender.sql("UPDATE jobs SET due_at = now() WHERE state = 'retrying'");
        sender.sql("SELECT count(*) > 0 FROM job_steps WHERE failed_attempts > 20") == "t"
    });
    assert_eq!(sender.sql(STATUS), "invitation pending, invitation pending");
    assert_eq!(sender.server.get("/readyz", "").await.status, 200);
    let mail = MailServer::start_at(port);
    sender.wait_for(STATUS, "invitation sent, invitation sent");
    assert_eq!(mail.messages().len(), 2);
    assert_eq!(sender.sql(ERROR), "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_does_not_respond_in_time_is_tried_again() {
    let mut mail = MailServer::start();
    let sender = Sender::start(&mail.settings());
    mail.behave("silent");
    sender.provision("golden-spoon").await;
    // A command may take 30 seconds.
    block_until("a failed attempt", || sender.sql(ERROR).contains("did not respond"));
    assert_eq!(sender.sql(STATUS), "invitation pending");
    mail.behave("accept");
    sender.wait_for(STATUS, "invitation sent");
    assert_eq!(mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_recipient_fails_for_good_and_a_deferred_one_is_retried() {
    let mut mail = MailServer::start();
    let sender = Sender::start(&mail.settings());
    mail.behave("defer");
    sender.provision("golden-spoon").await;
    block_until("a deferred message", || sender.sql(ERROR).contains("450 4.2.0 Greylisted"));
    assert_eq!(sender.sql("SELECT count(*) FROM breakers WHERE failures > 0"), "0");
    mail.behave("accept");
    sender.wait_for(STATUS, "invitation sent");

    mail.behave("refuse");
    sender.resend("golden-spoon").await;
    sender.wait_for(STATUS, "invitation sent, invitation failed");
    assert_eq!(sender.sql(ERROR), "the mail server refused the recipient: 550 5.1.1 … user unknown");
    assert_eq!(sender.sql(SECRETS), "0");
    assert_eq!(sender.sql("SELECT count(*) FROM jobs WHERE state = 'dead'"), "1");
    // Sending it again needs no action on the dead job.
    mail.behave("refuse-data");
    sender.resend("golden-spoon").await;
    sender.wait_for(STATUS, "invitation sent, invitation failed, invitation failed");
    assert_eq!(sender.sql("SELECT count(*) FROM jobs WHERE state = 'dead'"), "1");
    mail.behave("accept");
    sender.resend("golden-spoon").await;
    sender.wait_for(STATUS, "invitation sent, invitation failed, invitation failed, invitation sent");
    assert_eq!(sender.sql("SELECT count(*) FROM jobs WHERE state = 'dead'"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_an_untrusted_certificate_are_retried() {
    let mail = MailServer::start();
    let with = |name: &str, value: &str| -> Vec<(&'static str, String)> {
        let mut settings = mail.settings();
        settings.retain(|(key, _)| *key != name || !value.is_empty());
        settings.iter_mut().filter(|(key, _)| *key == name).for_each(|(_, text)| *text = value.to_owned());
        settings
    };
    let sender = Sender::start(&with("TENANTRY_MAIL_PASSWORD", "wrong"));
    sender.provision("golden-spoon").await;
    block_until("refused credentials", || sender.sql(ERROR).contains("refused the credentials: 535"));
    assert_eq!(sender.sql(STATUS), "invitation pending");
    sender.server.restart_with(&[], &borrowed(&with("TENANTRY_MAIL_CA_CERTIFICATES", "")));
    block_until("an untrusted certificate", || {
        sender.sql("UPDATE jobs SET due_at = now() WHERE state = 'retrying'");
        sender.sql(ERROR).contains("UnknownIssuer")
    });
    assert_eq!(mail.messages().len(), 0);
    sender.server.restart_with(&[], &borrowed(&mail.settings()));
    sender.wait_for(STATUS, "invitation sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_after_data_causes_no_second_mail() {
    let mut mail = MailServer::start();
    let sender = Sender::start(&mail.settings());
    mail.behave("cut");
    sender.provision("golden-spoon").await;
    sender.wait_for(STATUS, "invitation unconfirmed");
    mail.behave("accept");
    sender.wait_for("SELECT string_agg(state, ' ') FROM jobs WHERE kind = 'mail'", "dead");
    assert!(sender.sql(ERROR).contains("it may have been delivered"));
    assert_eq!((mail.messages().len(), sender.sql(SECRETS).as_str()), (1, "0"));
    sender.resend("golden-spoon").await;
    sender.wait_for(STATUS, "invitation unconfirmed, invitation sent");
    assert_eq!(mail.messages().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_during_a_delivery_sends_no_second_mail() {
    let mut mail = MailServer::start();
    let settings = mail.settings();
    let sender = Sender::start(&settings);
    mail.behave("hold");
    sender.provision("golden-spoon").await;
    mail.message(1);
    sender.server.send_signal("-KILL");
    sender.server.wait_for_exit();
    mail.behave("accept");
    sender.server.start_again(&[], &borrowed(&settings));
    // The lease of the killed worker expires.
    block_until("the next attempt", || {
        sender.sql("UPDATE jobs SET due_at = now() WHERE kind = 'mail' AND state = 'running'");
        sender.sql(STATUS) == "invitation unconfirmed"
    });
    assert_eq!((mail.messages().len(), sender.sql(SECRETS).as_str()), (1, "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_messages_are_files_that_only_the_user_can_read() {
    let server = TestServer::start();
    let sender = Sender { token: server.token("ADMIN"), server };
    let token = sender.provision("golden-spoon").await;
    sender.wait_for(STATUS, "invitation sent");
    let folder = sender.server.data_directory.path().join("mail");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&files[0])), (0o700, 0o600));
    let message = std::fs::read_to_string(&files[0]).unwrap().replace("=\r\n", "");
    assert!(message.contains(&token), "{message}");
}
