//! Calls to other systems over HTTP: to the hosts of an allow-list, without redirects, each within
//! its time (SPEC section 6).

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::jobs::{FailureKind, StepFailure};
use reqwest::{Client, Method, StatusCode, header::RETRY_AFTER, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::call;

const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(30);
/// A longer wait than this is not believed.
const LONGEST_WAIT: u64 = 3600;

/// The one HTTP client of the connectors.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Client,
    /// As `host:port`.
    allowed: Arc<HashSet<String>>,
}

/// An answer that is not a failure by itself: 2xx, or 404, which is for the caller to judge.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    /// The body as JSON; null where it is empty or no JSON.
    pub body: Value,
}

impl Outbound {
    /// A client that calls these places only, given as URLs or as `host` or `host:port`.
    ///
    /// # Errors
    /// When the platform has no certificates.
    pub fn new(places: impl IntoIterator<Item = String>) -> Result<Self, reqwest::Error> {
        // One provider for the process; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let allowed = places.into_iter().flat_map(|place| authorities(&place)).collect();
        Ok(Self { client, allowed: Arc::new(allowed) })
    }

    /// Sends JSON and reads JSON.
    ///
    /// # Errors
    /// As SPEC section 6 classifies: 429 tells how long to wait; 5xx, refused connections and broken
    /// answers may pass; no answer in time; any other 4xx, a redirect, or a host that is not on the
    /// list will stay. The message names host and status, never a body, a token or a query.
    pub async fn json(
        &self,
        method: Method,
        url: &Url,
        token: Option<&SecretString>,
        body: Option<&Value>,
    ) -> Result<Reply, StepFailure> {
        let place = authority(url);
        if !self.allowed.contains(&place) {
            return Err(StepFailure::permanent(format!(
                "{place} is not on the list of hosts that may be called"
            )));
        }
        let mut request = self.client.request(method, url.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = call::send(request).await.map_err(|error| unanswered(&place, &error))?;
        let status = response.status();
        if status.is_success() || status == StatusCode::NOT_FOUND {
            let bytes = response.bytes().await.map_err(|error| unanswered(&place, &error))?;
            return Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) });
        }
        let wait =
            response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
        Err(refused(&place, status, wait))
    }
}

/// What a status other than success says about trying again.
fn refused(place: &str, status: StatusCode, wait: Option<u64>) -> StepFailure {
    let message = format!("{place} answered {}", status.as_u16());
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            let wait = Duration::from_secs(wait.unwrap_or(1).min(LONGEST_WAIT));
            StepFailure { kind: FailureKind::Throttled { wait }, message }
        }
        StatusCode::REQUEST_TIMEOUT => StepFailure::timed_out(message),
        _ if status.is_server_error() => StepFailure::transient(message),
        _ if status.is_redirection() => {
            StepFailure::permanent(format!("{message}, a redirect, which is not followed"))
        }
        _ => StepFailure::permanent(message),
    }
}

fn unanswered(place: &str, error: &reqwest::Error) -> StepFailure {
    if error.is_timeout() && !error.is_connect() {
        return StepFailure::timed_out(format!("{place} did not answer in time"));
    }
    let what = if error.is_connect() { "cannot be reached" } else { "broke off its answer" };
    StepFailure::transient(format!("{place} {what}"))
}

fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// What an entry of the list allows: a URL its own port, a bare host both usual ones.
fn authorities(place: &str) -> Vec<String> {
    match Url::parse(place) {
        Ok(url) if url.has_host() => vec![authority(&url)],
        _ if place.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
            vec![place.to_owned()]
        }
        _ => vec![format!("{place}:443"), format!("{place}:80")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_the_list_allows_its_port_or_the_usual_ones() {
        assert_eq!(authorities("https://odoo.example.com/x"), ["odoo.example.com:443"]);
        assert_eq!(authorities("odoo.example.com:8069"), ["odoo.example.com:8069"]);
        assert_eq!(authorities("odoo.example.com"), ["odoo.example.com:443", "odoo.example.com:80"]);
    }

    #[test]
    fn statuses_tell_whether_trying_again_can_help() {
        let kind = |status: u16, wait| refused("h:1", StatusCode::from_u16(status).unwrap(), wait).kind;
        assert_eq!(kind(503, None), FailureKind::Transient);
        assert_eq!(kind(400, None), FailureKind::Permanent);
        assert_eq!(kind(302, None), FailureKind::Permanent);
        assert_eq!(kind(408, None), FailureKind::TimedOut);
        assert_eq!(kind(429, Some(7)), FailureKind::Throttled { wait: Duration::from_secs(7) });
    }

    #[tokio::test]
    async fn a_host_that_is_not_on_the_list_is_not_called() {
        let outbound = Outbound::new(["https://allowed.example".to_owned()]).unwrap();
        let url = Url::parse("http://169.254.169.254/latest").unwrap();
        let failure = outbound.json(Method::GET, &url, None, None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Permanent);
    }
}
