use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use test_support::wait::block_until;

/// A real mail server with STARTTLS and AUTH: `end2end/support/smtp-server.mjs`, which lists the behaviours.
pub(super) struct MailServer {
    child: Child,
    pub port: u16,
    messages: Arc<Mutex<Vec<Value>>>,
}

impl MailServer {
    /// Starts a server on a free port.
    pub(super) fn start() -> Self {
        Self::start_at(0)
    }

    /// Starts a server on this port.
    pub(super) fn start_at(port: u16) -> Self {
        let mut child = Command::new("node")
            .arg(directory().join("smtp-server.mjs"))
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node, and the packages of end2end (make setup-test)");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().expect("a line").unwrap()).unwrap();
        let messages = Arc::<Mutex<Vec<Value>>>::default();
        let received = messages.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                received.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, port: u16::try_from(first["port"].as_u64().unwrap()).unwrap(), messages }
    }

    /// Sets what the server does with messages.
    pub(super) fn behave(&mut self, behaviour: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{behaviour}").unwrap();
    }

    /// The messages that were transmitted so far.
    pub(super) fn messages(&self) -> Vec<Value> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits for the message with this number, from 1.
    pub(super) fn message(&self, number: usize) -> Value {
        block_until("a message", || self.messages().len() >= number);
        self.messages()[number - 1].clone()
    }

    /// The settings of a server that sends mail to this one.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        settings_for(self.port)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The settings of a server that sends mail to this port.
pub(super) fn settings_for(port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("TENANTRY_MAIL_HOST", "localhost".to_owned()),
        ("TENANTRY_MAIL_PORT", port.to_string()),
        ("TENANTRY_MAIL_USER", "tenantry".to_owned()),
        ("TENANTRY_MAIL_PASSWORD", "correct horse".to_owned()),
        ("TENANTRY_MAIL_FROM_ADDRESS", "console@platform.example".to_owned()),
        ("TENANTRY_MAIL_FROM_NAME", "Acme, \"Inc.\"".to_owned()),
        ("TENANTRY_MAIL_CA_CERTIFICATES", directory().join("smtp-server.crt").display().to_string()),
    ]
}

fn directory() -> PathBuf {
    std::path::absolute("../end2end/support").unwrap()
}
