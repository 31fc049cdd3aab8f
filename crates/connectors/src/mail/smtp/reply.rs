//! What an error of the conversation means: whether a retry can help, and what admins read.

use std::{error::Error as _, time::Duration};

use domain::jobs::{FailureKind, StepFailure};
use lettre::transport::smtp::Error;

/// How long to wait after the mail server asked to try a message again later. Greylisting usually takes 5
/// minutes.
const LATER: Duration = Duration::from_secs(300);
/// How much of a response admins read, in characters.
const MAX_TEXT: usize = 200;

/// The part of the conversation in which an error happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Connect,
    Authenticate,
    Sender,
    Recipient,
    Data,
    Content,
}

impl Phase {
    /// What failed, as the begin of a sentence.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Connect => "the connection to the mail server failed",
            Self::Authenticate => "the mail server refused the credentials",
            Self::Sender => "the mail server refused the sender",
            Self::Recipient => "the mail server refused the recipient",
            Self::Data | Self::Content => "the mail server refused the message",
        }
    }
}

/// Whether the mail server has definitely refused the command.
pub(super) fn is_definite(error: &Error) -> bool {
    error.status().is_some()
}

/// Converts an error. A refusal of the recipient or the message concerns this message only: 5xx is permanent,
/// and 4xx asks to try later. Every other error concerns all messages, such as wrong credentials, and can be
/// retried when the configuration or the mail server is repaired; the circuit breaker counts it.
pub(super) fn failure(phase: Phase, error: &Error) -> StepFailure {
    let Some(status) = error.status() else {
        let message = format!("the connection to the mail server failed: {}", readable(&root_cause(error)));
        return match error.is_timeout() {
            true => StepFailure::timed_out(message),
            false => StepFailure::transient(message),
        };
    };
    let (code, text) = (u16::from(status), error.source().map(ToString::to_string).unwrap_or_default());
    let message = format!("{}: {code} {}", phase.sentence(), readable(&text)).trim_end().to_owned();
    let is_about_message = matches!(phase, Phase::Recipient | Phase::Data | Phase::Content);
    let kind = match code {
        // The mail server is shutting down, or requires an authentication that is not configured.
        421 | 530 | 535 => FailureKind::Transient,
        400..500 if is_about_message => FailureKind::Throttled { wait: LATER },
        _ if is_about_message => FailureKind::Permanent,
        _ => FailureKind::Transient,
    };
    StepFailure { kind, message }
}

pub(super) fn timed_out(phase: Phase) -> StepFailure {
    StepFailure::timed_out(match phase {
        Phase::Connect => "the mail server did not accept a connection in time",
        _ => "the mail server did not respond in time",
    })
}

fn root_cause(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A response for admins, without addresses and links, which may be personal or secret.
fn readable(text: &str) -> String {
    let is_private = |word: &str| word.contains('@') || word.contains("://") || word.len() > 40;
    let words = text.split_whitespace().map(|word| if is_private(word) { "…" } else { word });
    let text: String = words.collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_shown_without_addresses_and_links() {
        let text = "5.1.1 <ann@example.com>: user unknown; see https://mx.example.com/x\r\nsecond line";
        assert_eq!(readable(text), "5.1.1 … user unknown; see … second line");
        assert_eq!(readable(&"word ".repeat(100)).chars().count(), 201);
    }
}
