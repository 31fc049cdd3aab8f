use domain::provisioning::Draft;
#[cfg(feature = "ssr")]
use leptos::server::codee::Encoder;
use serde::{Deserialize, Serialize};

use crate::{Failure, browser::new_key};
#[cfg(feature = "ssr")]
use crate::{codec::JsonText, server_fns::ProvisionOutcome};

/// The initial state of the form, which the server and the hydrating browser share.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct InitialState {
    pub key: String,
    pub draft: Draft,
    /// The number of failed attempts with this key.
    pub attempts: u32,
    pub posted_result: Option<PostedResult>,
    /// Whether the draft is that of a failed request, which the admin has opened again.
    pub is_reopened: bool,
}

/// The result of a form that was posted without JavaScript.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum PostedResult {
    /// The [`ProvisionOutcome`] as JSON. The page's own code does not parse it, which keeps the page small.
    Provisioned(String),
    Refused(Failure),
}

impl InitialState {
    /// The posted draft, the draft of a failed request, or a new draft with a new key.
    #[cfg(feature = "ssr")]
    pub fn from_request() -> Self {
        use crate::FormResult;
        match leptos::prelude::use_context() {
            Some(FormResult::Provision { draft, key, result }) => {
                let attempts = result.as_ref().err().and_then(|problem| problem.attempt).unwrap_or_default();
                let posted_result = match result {
                    Ok(outcome) => PostedResult::Provisioned(to_json(&outcome)),
                    Err(problem) => PostedResult::Refused(Failure::Problem(problem)),
                };
                let posted_result = Some(posted_result);
                Self { key, draft: *draft, attempts, posted_result, is_reopened: false }
            }
            Some(FormResult::Reopened { draft, key, attempts }) => {
                Self { key, draft: *draft, attempts, posted_result: None, is_reopened: true }
            }
            _ => Self { key: new_key(), ..Self::default() },
        }
    }

    /// A new draft with a new key. Used only if the browser renders the page without the server, after
    /// navigation from another page.
    #[cfg(not(feature = "ssr"))]
    pub fn from_request() -> Self {
        Self { key: new_key(), ..Self::default() }
    }
}

/// The JSON that [`PostedResult::Provisioned`] contains.
#[cfg(feature = "ssr")]
fn to_json(outcome: &ProvisionOutcome) -> String {
    <JsonText as Encoder<ProvisionOutcome>>::encode(outcome).unwrap_or_default()
}
