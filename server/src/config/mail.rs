//! The settings of mail: a mail server, or a folder.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use domain::email::Email;
use engine::mail::{MailSettings, MailTransport, SmtpSecurity, SmtpSettings};
use secrecy::SecretString;

use super::{
    kind,
    reader::{Reader, settings, table},
};

settings! {
    /// The table `[mail]`.
    #[derive(Debug, Clone)]
    struct MailTable in "mail." {
        /// The host name of the mail server. If not set, each message is written to a file in
        /// `mail.directory`
        host: Option<String> = kind::host().optional(),
        /// The port of the mail server
        port: u16 = kind::number(1, 65_535).or("587"),
        /// How the connection to the mail server is encrypted: with the command STARTTLS, from the start, or
        /// not. Use `none` only on a trusted network
        security: SmtpSecurity = kind::one_of([
            ("starttls", SmtpSecurity::StartTls), ("tls", SmtpSecurity::Tls), ("none", SmtpSecurity::None),
        ]).or("starttls"),
        /// The user of the mail server, if it requires one
        user: Option<String> = kind::text(255).optional(),
        /// The password of `mail.user`
        password: Option<SecretString> = kind::secret().optional(),
        /// A file with the certificates in PEM of authorities that are trusted in addition to those of the
        /// system
        ca_certificates: Option<Vec<u8>> = kind::certificates().optional(),
        /// The address of the sender
        from_address: Email = kind::email(),
        /// The name of the sender. Messages use it as the name of the platform
        from_name: String = kind::text(120).or("Tenantry"),
        /// The folder for messages if no mail server is configured. The default is `mail` in the data directory
        directory: Option<PathBuf> = kind::path().optional(),
        /// How long after its first failure the delivery of a message is retried
        retry_hours: u64 = kind::number(1, 168).or("24"),
    }
}

/// How mail is sent, from the settings. `None` if none is set.
#[derive(Debug, Clone)]
pub(crate) struct Mail(Option<MailTable>);

impl Mail {
    /// How mail is sent. Without a mail server, messages are written to a folder in the data directory.
    /// `origin` is the start of links in messages that no request causes.
    pub(crate) fn settings(&self, data_dir: &Path, origin: Option<String>) -> MailSettings {
        let default = MailSettings { origin, ..MailSettings::to_directory(data_dir.join("mail")) };
        let Some(table) = self.0.clone() else { return default };
        let MailTable { host, port, security, user, password, ca_certificates, .. } = table;
        let transport = match (host, table.directory) {
            (Some(host), _) => {
                let credentials = user.zip(password);
                MailTransport::Smtp(SmtpSettings { host, port, security, credentials, ca_certificates })
            }
            (None, Some(directory)) => MailTransport::Directory(directory),
            (None, None) => default.transport,
        };
        MailSettings {
            transport,
            from_name: table.from_name,
            from_address: table.from_address.address().to_owned(),
            retry_period: Duration::from_secs(3600 * table.retry_hours),
            origin: default.origin,
        }
    }
}

pub(super) fn read(reader: &mut Reader) -> Mail {
    let table = MailTable::read(reader);
    if let Some(table) = &table {
        if table.user.is_some() != table.password.is_some() {
            reader.problems.push("mail.user and mail.password need each other; set both or none".to_owned());
        }
        if table.host.is_some() && table.directory.is_some() {
            reader.problems.push("mail.host and mail.directory are both set; keep one".to_owned());
        }
    }
    Mail(table)
}
