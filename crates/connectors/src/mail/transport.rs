//! What the transports have in common: a message is prepared, and then transmitted once.

use domain::jobs::StepFailure;

use super::{directory::FileTransmission, smtp::SmtpTransmission};

/// A message that the mail server is ready to receive, or the file to be written.
pub(super) enum Transmission {
    Smtp(Box<SmtpTransmission>),
    File(FileTransmission),
}

/// Why a transmission did not succeed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TransmissionError {
    /// The message was definitely not accepted.
    Refused(StepFailure),
    /// Nobody knows whether the message was accepted. The text is the reason, for admins.
    Unknown(String),
}

impl Transmission {
    /// Transmits the message. Call this once, after [`super::Outbox::begin_transmission`] returned true.
    pub(super) async fn transmit(self) -> Result<(), TransmissionError> {
        match self {
            Self::Smtp(smtp) => smtp.transmit().await,
            Self::File(file) => file.transmit().await,
        }
    }
}
