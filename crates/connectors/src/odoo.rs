//! Odoo over HTTP: JSON-RPC for Odoo 18, and JSON-2 for Odoo 19 with JSON-RPC as the fallback for older
//! servers.

mod fault;
mod json2;
mod json_rpc;
mod records;
mod upsert;

use domain::jobs::StepFailure;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub(crate) use self::{
    json_rpc::JsonRpc,
    records::{Record, Records, id_of},
    upsert::ManagedRecord,
};

/// Replaces the message of a failure if it contains one of the secrets.
pub(crate) fn redact(failure: StepFailure, secrets: &[&SecretString]) -> StepFailure {
    let contains_secret = secrets.iter().any(|secret| {
        let secret = secret.expose_secret();
        !secret.is_empty() && failure.message.contains(secret)
    });
    match contains_secret {
        true => {
            StepFailure { message: "Odoo refused with a message that contains a secret".into(), ..failure }
        }
        false => failure,
    }
}

/// Appends path segments to the URL of a server, which may have a path itself.
fn endpoint(server: &Url, path: &[&str]) -> Result<Url, StepFailure> {
    let mut url = server.clone();
    url.path_segments_mut()
        .map_err(|()| StepFailure::permanent("the configured URL of Odoo cannot be extended by a path"))?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_server_is_kept() {
        for server in ["https://example.com/odoo", "https://example.com/odoo/"] {
            let url = endpoint(&Url::parse(server).unwrap(), &["json", "2"]).unwrap();
            assert_eq!(url.as_str(), "https://example.com/odoo/json/2");
        }
    }

    #[test]
    fn a_message_with_a_secret_is_replaced() {
        let secret = SecretString::from("correct horse");
        let redacted = redact(StepFailure::permanent("no such user: correct horse"), &[&secret]);
        assert!(!redacted.message.contains("horse"));
        let kept = redact(StepFailure::permanent("no such user"), &[&secret, &SecretString::from("")]);
        assert_eq!(kept.message, "no such user");
    }
}
