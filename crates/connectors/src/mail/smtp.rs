//! Delivery over SMTP. The conversation is split before the command DATA: everything before it can be
//! repeated, and what follows happens once.

mod reply;

use std::{
    fmt,
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use domain::jobs::StepFailure;
use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use self::reply::{Phase, failure, is_definite, timed_out};
use super::{
    settings::{SmtpSecurity, SmtpSettings},
    transmission_error::TransmissionError,
};

/// How long one command may take. Connecting includes the handshakes.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the mail server may take to accept a transmitted message, as RFC 5321 recommends.
pub(super) const ACCEPT_TIMEOUT: Duration = Duration::from_secs(600);
/// How long the end of a connection may take.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

/// A mail server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Smtp {
    settings: Arc<SmtpSettings>,
    /// Loaded for the first connection, because short commands do not send mail.
    tls: Arc<OnceLock<TlsParameters>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Smtp").field(&self.settings).finish()
    }
}

/// A mail server that has accepted the recipient.
pub(super) struct SmtpTransmission {
    connection: AsyncSmtpConnection,
    message: Vec<u8>,
}

impl Smtp {
    pub(super) fn new(settings: SmtpSettings) -> Self {
        Self { settings: Arc::new(settings), tls: Arc::default() }
    }

    /// Connects, authenticates, and names the sender and the recipient.
    ///
    /// # Errors
    /// A permanent failure if the mail server refuses the recipient for good. Every other failure can be
    /// retried: the mail server does not respond, refuses the credentials or the sender, or asks to try again
    /// later.
    pub(super) async fn prepare(&self, message: &Message) -> Result<SmtpTransmission, StepFailure> {
        let envelope = message.envelope();
        let hello = match envelope.from().map(|from| from.domain()) {
            Some(domain) if domain != "localhost" => ClientId::Domain(domain.to_owned()),
            _ => ClientId::default(),
        };
        let mut connection = within(Phase::Connect, self.connect(&hello)).await?;
        if let Some((user, password)) = &self.settings.credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            within(Phase::Authenticate, async { Ok(connection.auth(&mechanisms, &credentials).await?) })
                .await?;
        }
        within(Phase::Sender, async {
            Ok(connection.command(Mail::new(envelope.from().cloned(), Vec::new())).await?)
        })
        .await?;
        for recipient in envelope.to() {
            let command = Rcpt::new(recipient.clone(), Vec::new());
            within(Phase::Recipient, async { Ok(connection.command(command).await?) }).await?;
        }
        Ok(SmtpTransmission { connection, message: message.formatted() })
    }

    async fn connect(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, ConnectError> {
        let SmtpSettings { host, port, security, .. } = self.settings.as_ref();
        let tls = match security {
            SmtpSecurity::Tls => Some(self.tls_parameters()?),
            SmtpSecurity::None | SmtpSecurity::StartTls => None,
        };
        let server = (host.as_str(), *port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, None, hello, tls, None).await?;
        if *security == SmtpSecurity::StartTls {
            if !connection.can_starttls() {
                return Err(ConnectError::Configuration(
                    "the mail server does not offer STARTTLS".to_owned(),
                ));
            }
            connection.starttls(self.tls_parameters()?, hello).await?;
        }
        Ok(connection)
    }

    fn tls_parameters(&self) -> Result<TlsParameters, ConnectError> {
        if let Some(parameters) = self.tls.get() {
            return Ok(parameters.clone());
        }
        let unusable =
            |error: Error| ConnectError::Configuration(format!("the certificates cannot be used: {error}"));
        let mut builder = TlsParameters::builder(self.settings.host.clone());
        if let Some(pem) = &self.settings.ca_certificates {
            builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(unusable)?);
        }
        let parameters = builder.build_rustls().map_err(unusable)?;
        Ok(self.tls.get_or_init(|| parameters).clone())
    }
}

impl SmtpTransmission {
    pub(super) async fn transmit(mut self) -> Result<(), TransmissionError> {
        let data = within(Phase::Data, async { Ok(self.connection.command(Data).await?) }).await;
        match data {
            Ok(response) if response.has_code(354) => {}
            Ok(_) => {
                let failure = StepFailure::transient("the mail server gave an unexpected response to DATA");
                return Err(TransmissionError::Refused(failure));
            }
            Err(failure) => return Err(TransmissionError::Refused(failure)),
        }
        match timeout(ACCEPT_TIMEOUT, self.connection.message(&self.message)).await {
            Ok(Ok(_)) => {
                let _ = timeout(QUIT_TIMEOUT, self.connection.quit()).await;
                Ok(())
            }
            Ok(Err(error)) if is_definite(&error) => {
                Err(TransmissionError::Refused(failure(Phase::Content, &error)))
            }
            Ok(Err(_)) => Err(TransmissionError::Unknown(
                "The connection was lost after the message was transmitted and before the mail server confirmed it, so \
                 it may have been delivered."
                    .to_owned(),
            )),
            Err(_) => Err(TransmissionError::Unknown(
                "The mail server did not confirm the transmitted message in time, so it may have been delivered."
                    .to_owned(),
            )),
        }
    }
}

/// Why there is no connection.
#[derive(Debug)]
enum ConnectError {
    Smtp(Error),
    /// The settings do not match the mail server.
    Configuration(String),
}

impl From<Error> for ConnectError {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

/// Runs a part of the conversation that can be repeated, with its time limit.
async fn within<T>(
    phase: Phase,
    part: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, StepFailure> {
    match timeout(COMMAND_TIMEOUT, part).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ConnectError::Smtp(error))) => Err(failure(phase, &error)),
        Ok(Err(ConnectError::Configuration(reason))) => Err(StepFailure::transient(reason)),
        Err(_) => Err(timed_out(phase)),
    }
}
