//! What the transports have in common: a message is prepared, and then transmitted once.

use super::{directory::FileTransmission, smtp::SmtpTransmission, transmission_error::TransmissionError};

/// A message that the mail server is ready to receive, or the file to be written.
pub(super) enum Transmission {
    Smtp(Box<SmtpTransmission>),
    File(FileTransmission),
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
