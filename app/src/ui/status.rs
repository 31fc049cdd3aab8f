use leptos::prelude::*;

use super::{Badge, DotState, IconName, Tone};

/// How one status looks: its word, tone, icon and dot in a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusLook {
    /// The status as it stands in the database and the API.
    pub key: &'static str,
    /// The word people read.
    pub word: &'static str,
    pub tone: Tone,
    pub icon: IconName,
    pub dot: DotState,
}

const fn look(
    key: &'static str,
    word: &'static str,
    tone: Tone,
    icon: IconName,
    dot: DotState,
) -> StatusLook {
    StatusLook { key, word, tone, icon, dot }
}

/// Every status there is (SPEC sections 4, 6, 7 and 9). Keys do not collide between kinds.
#[rustfmt::skip]
const LOOKS: &[StatusLook] = &[
    // Provisioning requests.
    look("processing", "Processing", Tone::Accent, IconName::Loader, DotState::Running),
    look("completed", "Completed", Tone::Ok, IconName::Check, DotState::Done),
    look("failed", "Failed", Tone::Bad, IconName::Cross, DotState::Failed),
    look("rolling_back", "Rolling back", Tone::Warn, IconName::Undo, DotState::Running),
    look("rolled_back", "Rolled back", Tone::Neutral, IconName::Undo, DotState::Undone),
    // Tenants.
    look("provisioning", "Provisioning", Tone::Accent, IconName::Loader, DotState::Running),
    look("pending_activation", "Pending activation", Tone::Info, IconName::Clock, DotState::Waiting),
    look("setup_incomplete", "Setup incomplete", Tone::Warn, IconName::Alert, DotState::Waiting),
    look("active", "Active", Tone::Ok, IconName::Check, DotState::Done),
    look("suspended", "Suspended", Tone::Warn, IconName::Pause, DotState::Waiting),
    look("deleted", "Deleted", Tone::Neutral, IconName::Trash, DotState::Waiting),
    // Steps of a job.
    look("pending", "Waiting", Tone::Neutral, IconName::Waiting, DotState::Waiting),
    look("running", "Running", Tone::Accent, IconName::Loader, DotState::Running),
    look("succeeded", "Succeeded", Tone::Ok, IconName::Check, DotState::Done),
    look("skipped", "Skipped", Tone::Neutral, IconName::Skip, DotState::Skipped),
    look("retrying", "Retrying", Tone::Warn, IconName::Refresh, DotState::Running),
    look("dead", "Needs you", Tone::Bad, IconName::Alert, DotState::Failed),
    look("compensated", "Undone", Tone::Neutral, IconName::Undo, DotState::Undone),
    // Connectors and workers.
    look("closed", "Working", Tone::Ok, IconName::Check, DotState::Done),
    look("open", "Left alone", Tone::Bad, IconName::Alert, DotState::Failed),
    look("half_open", "Being tried", Tone::Warn, IconName::Refresh, DotState::Running),
    look("not_configured", "Not configured", Tone::Neutral, IconName::Skip, DotState::Skipped),
    look("alive", "At work", Tone::Ok, IconName::Check, DotState::Done),
    look("lost", "Lost", Tone::Warn, IconName::Alert, DotState::Failed),
];

/// The look of a status, or none for one this build does not know.
pub fn status_look(status: &str) -> Option<&'static StatusLook> {
    LOOKS.iter().find(|look| look.key == status)
}

/// All looks, for the style guide.
#[cfg(feature = "ssr")]
pub(crate) const fn status_looks() -> &'static [StatusLook] {
    LOOKS
}

/// The badge of any status of a request, tenant, step, connector or worker. One it does not know (a newer
/// server) is shown by its own name, neutrally.
#[component]
pub fn StatusBadge(#[prop(into)] status: Signal<String>) -> impl IntoView {
    move || {
        let status = status.get();
        match status_look(&status) {
            Some(look) => view! {
                <Badge tone=look.tone icon=look.icon>
                    {look.word}
                </Badge>
            }
            .into_any(),
            None => view! { <Badge>{status}</Badge> }.into_any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_one_look() {
        for look in LOOKS {
            let same = LOOKS.iter().filter(|other| other.key == look.key).count();
            assert_eq!(same, 1, "{} stands in the table more than once", look.key);
        }
    }

    #[test]
    fn a_step_that_gave_up_asks_for_a_person() {
        assert_eq!(status_look("dead").map(|look| (look.word, look.tone)), Some(("Needs you", Tone::Bad)));
    }

    #[test]
    fn an_unknown_status_has_no_look() {
        assert_eq!(status_look("teleported"), None);
    }
}
