//! Odoo over HTTP: signing in and calling methods by JSON-RPC (Odoo 18), and records by JSON-2
//! (Odoo 19) or, where the server is older, by JSON-RPC too.

mod entry;
mod fault;
mod json2;
mod json_rpc;
mod records;

use domain::jobs::StepFailure;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use entry::Entry;
pub use json_rpc::JsonRpc;
pub use records::{Record, Records, id_of};

/// The same failure without its words, should they repeat one of the secrets.
pub fn conceal(failure: StepFailure, secrets: &[&SecretString]) -> StepFailure {
    let tells = secrets.iter().any(|secret| {
        let secret = secret.expose_secret();
        !secret.is_empty() && failure.message.contains(secret)
    });
    let message = if tells { "Odoo refused, in words that hold a password".into() } else { failure.message };
    StepFailure { message, ..failure }
}

/// An address below that of the server, which may have a path of its own.
fn endpoint(server: &Url, path: &[&str]) -> Result<Url, StepFailure> {
    let mut url = server.clone();
    url.path_segments_mut()
        .map_err(|()| StepFailure::permanent("the URL of Odoo cannot have a path"))?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_below_a_path_keeps_it() {
        for server in ["https://example.com/odoo", "https://example.com/odoo/"] {
            let url = endpoint(&Url::parse(server).unwrap(), &["json", "2"]).unwrap();
            assert_eq!(url.as_str(), "https://example.com/odoo/json/2");
        }
    }

    #[test]
    fn words_with_a_password_are_not_told() {
        let secret = SecretString::from("correct horse");
        let told = conceal(StepFailure::permanent("no such user: correct horse"), &[&secret]);
        assert!(!told.message.contains("horse"));
        let kept = conceal(StepFailure::permanent("no such user"), &[&secret, &SecretString::from("")]);
        assert_eq!(kept.message, "no such user");
    }
}
