//! Where traces and metrics go, if anywhere.

use secrecy::SecretString;
use url::Url;

use super::{pipeline::web_url, sources::Sources};

/// A collector that takes OTLP over HTTP.
#[derive(Debug, Clone)]
pub struct OtlpSettings {
    /// Below it are `/v1/traces` and `/v1/metrics`.
    pub endpoint: Url,
    /// Fit for a header.
    pub token: Option<SecretString>,
}

/// Reads both settings; mistakes are noted.
pub(super) fn read(from: &mut Sources) -> Option<OtlpSettings> {
    if from.has_any(&["otlp_token"]) && !from.has_any(&["otlp_endpoint"]) {
        from.problems
            .add("TENANTRY_OTLP_ENDPOINT (otlp_endpoint) is missing: otlp_token is of no use without it");
    }
    let endpoint = from.optional("otlp_endpoint", web_url);
    let token = from.optional("otlp_token", token);
    Some(OtlpSettings { endpoint: endpoint?, token })
}

fn token(text: &str) -> Option<SecretString> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| text.into())
}
