//! Keeps secrets out of failure messages.

use domain::jobs::StepFailure;
use secrecy::{ExposeSecret, SecretString};

/// Replaces the message of a failure if it contains one of the secrets.
pub(crate) fn redact(failure: StepFailure, secrets: &[&SecretString]) -> StepFailure {
    let contains_secret = secrets.iter().any(|secret| {
        let secret = secret.expose_secret();
        !secret.is_empty() && failure.message.contains(secret)
    });
    match contains_secret {
        true => StepFailure {
            message: "Odoo reported an error. Its message is not shown, because it contains a secret".into(),
            ..failure
        },
        false => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_a_secret_is_replaced() {
        let secret = SecretString::from("correct horse");
        let redacted = redact(StepFailure::permanent("no such user: correct horse"), &[&secret]);
        assert!(!redacted.message.contains("horse"));
        let kept = redact(StepFailure::permanent("no such user"), &[&secret, &SecretString::from("")]);
        assert_eq!(kept.message, "no such user");
    }
}
