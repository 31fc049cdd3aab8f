use leptos::{prelude::*, task::spawn_local};

use super::live_request::LiveRequest;
use crate::{
    Failure, browser,
    server_fns::{follow_request, retry_step, rollback, skip_step},
};

/// What an admin can do with a dead step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DeadStepAction {
    Retry,
    Skip,
    /// The slug of the tenant confirms the rollback.
    Rollback {
        slug: String,
        reason: String,
    },
}

impl DeadStepAction {
    pub fn is_retry(&self) -> bool {
        *self == Self::Retry
    }

    pub fn is_skip(&self) -> bool {
        *self == Self::Skip
    }

    pub fn is_rollback(&self) -> bool {
        matches!(self, Self::Rollback { .. })
    }
}

/// The running action, and the latest failed action.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActionState {
    live: LiveRequest,
    running: RwSignal<Option<DeadStepAction>>,
    failed: RwSignal<Option<(DeadStepAction, Failure)>>,
}

impl ActionState {
    pub fn new(live: LiveRequest) -> Self {
        Self { live, running: RwSignal::new(None), failed: RwSignal::new(None) }
    }

    /// Starts an action, unless another action is running. Then shows the updated request, also after a
    /// failure, because a failed rollback has changed the request.
    pub fn start(self, action: DeadStepAction) {
        if self.running.with_untracked(Option::is_some) {
            return;
        }
        let id = self.live.record.with_untracked(|record| record.summary.id.to_string());
        let return_focus = browser::return_focus();
        self.failed.set(None);
        self.running.set(Some(action.clone()));
        spawn_local(async move {
            let result = match action.clone() {
                DeadStepAction::Retry => retry_step(id.clone()).await,
                DeadStepAction::Skip => skip_step(id.clone()).await,
                DeadStepAction::Rollback { slug, reason } => rollback(id.clone(), slug, reason).await,
            };
            let (record, failure) = match result {
                Ok(record) => (Some(record), None),
                Err(failure) => (follow_request(id).await.ok(), Some(failure)),
            };
            if self.running.is_disposed() {
                return;
            }
            self.running.set(None);
            if let Some(record) = record {
                self.live.update(record);
            }
            match failure {
                None => browser::focus("h1"),
                Some(failure) => {
                    self.failed.set(Some((action, failure)));
                    return_focus();
                }
            }
        });
    }

    /// Whether a matching action is running.
    pub fn is_running(self, matches: fn(&DeadStepAction) -> bool) -> Signal<bool> {
        Signal::derive(move || self.running.with(|action| action.as_ref().is_some_and(matches)))
    }

    /// Whether any action is running.
    pub fn is_busy(self) -> Signal<bool> {
        Signal::derive(move || self.running.with(Option::is_some))
    }

    /// The failure of the latest action, if that action matches.
    pub fn failure_of(self, matches: fn(&DeadStepAction) -> bool) -> Signal<Option<Failure>> {
        Signal::derive(move || {
            self.failed.with(|failed| {
                let (_, failure) = failed.as_ref().filter(|(action, _)| matches(action))?;
                Some(failure.clone())
            })
        })
    }
}

/// Why an action failed.
#[component]
pub(super) fn ActionFailure(failure: Failure) -> impl IntoView {
    view! {
        <p data-testid="req-failure">
            <b>{failure.title()}</b>
            " "
            {failure.explanation()}
            " "
            <code>{failure.code_text()}</code>
        </p>
    }
}
