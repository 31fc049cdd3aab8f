use domain::jobs::StepFailure;

/// Why a transmission did not succeed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TransmissionError {
    /// The message was definitely not accepted.
    Refused(StepFailure),
    /// Nobody knows whether the message was accepted. The text is the reason, for admins.
    Unknown(String),
}
