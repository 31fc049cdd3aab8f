use std::{sync::Arc, time::SystemTime};

use domain::jobs::StepFailure;
use tokio::sync::Semaphore;

use super::{
    directory::FileTransmission,
    message::OutgoingMail,
    settings::{MailSettings, MailTransport},
    smtp::Smtp,
    transport::Transmission,
};

/// The number of messages that a process transmits at the same time, at most.
const MAX_TRANSMISSIONS: u32 = 64;

/// Delivers messages as configured. Cheap to clone. A process creates one mailer.
#[derive(Debug, Clone)]
pub struct Mailer {
    settings: Arc<MailSettings>,
    /// `None` if messages are written to a folder.
    smtp: Option<Smtp>,
    /// Each transmission holds a permit.
    pub(super) transmissions: Arc<Semaphore>,
}

impl Mailer {
    /// Creates a mailer. Does not connect.
    pub fn new(settings: MailSettings) -> Self {
        let smtp = match &settings.transport {
            MailTransport::Smtp(server) => Some(Smtp::new(server.clone())),
            MailTransport::Directory(_) => None,
        };
        let transmissions = Arc::new(Semaphore::new(MAX_TRANSMISSIONS as usize));
        Self { settings: Arc::new(settings), smtp, transmissions }
    }

    /// The settings.
    pub fn settings(&self) -> &MailSettings {
        &self.settings
    }

    /// Waits until the running transmissions have ended and their outcomes are stored. Call this when no
    /// worker runs any more.
    pub async fn finish_transmissions(&self) {
        // The semaphore is never closed.
        drop(self.transmissions.acquire_many(MAX_TRANSMISSIONS).await);
    }

    /// Builds a message, and prepares the mail server for it.
    pub(super) async fn prepare(&self, mail: &OutgoingMail) -> Result<Transmission, StepFailure> {
        let message = mail.build(&self.settings, SystemTime::now())?;
        match (&self.smtp, &self.settings.transport) {
            (Some(smtp), _) => Ok(Transmission::Smtp(Box::new(smtp.prepare(&message).await?))),
            (None, MailTransport::Directory(directory)) => {
                Ok(Transmission::File(FileTransmission::new(directory, mail.id, message.formatted())))
            }
            (None, MailTransport::Smtp(_)) => Err(StepFailure::permanent("no mail server is configured")),
        }
    }
}
