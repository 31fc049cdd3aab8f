use std::{path::PathBuf, time::Duration};

use domain::{email::Email, jobs::RetryPolicy};
use secrecy::SecretString;

/// How mail is sent, and from whom.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// How messages are delivered.
    pub transport: MailTransport,
    /// The name of the sender. The texts use it as the name of the platform.
    pub from_name: String,
    /// The address of the sender.
    pub from_address: String,
    /// How long the delivery of a message is retried.
    pub retry_period: Duration,
    /// The start of links in messages that no request causes, if it is configured.
    pub origin: Option<String>,
}

/// How messages are delivered.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// As files in a folder, one for each message. The folder is created when the first message is written.
    Directory(PathBuf),
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The host name or the IP address. The certificate of the server must be valid for it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: SmtpSecurity,
    /// The user and the password, if the server requires them.
    pub credentials: Option<(String, SecretString)>,
    /// Certificates in PEM that are trusted in addition to those of the system.
    pub ca_certificates: Option<Vec<u8>>,
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// The connection is not encrypted.
    None,
    /// The connection is encrypted with the command STARTTLS. Without it, nothing is sent.
    StartTls,
    /// The connection is encrypted from the start.
    Tls,
}

impl MailSettings {
    /// The address of the sender if none is configured.
    pub const DEFAULT_FROM_ADDRESS: &str = "tenantry@localhost";
    /// The name of the sender if none is configured.
    pub const DEFAULT_FROM_NAME: &str = "Tenantry";

    /// Writes messages to a folder, with the default sender.
    pub fn to_directory(directory: PathBuf) -> Self {
        Self {
            transport: MailTransport::Directory(directory),
            from_name: Self::DEFAULT_FROM_NAME.to_owned(),
            from_address: Self::DEFAULT_FROM_ADDRESS.to_owned(),
            retry_period: Duration::from_secs(24 * 3600),
            origin: None,
        }
    }

    /// Sends messages from this address to a mail server.
    pub fn to_server(server: SmtpSettings, from_address: &Email) -> Self {
        let transport = MailTransport::Smtp(server);
        let from_address = from_address.address().to_owned();
        Self { transport, from_address, ..Self::to_directory(PathBuf::new()) }
    }

    /// When the delivery of a message is retried.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { period: self.retry_period }
    }
}
