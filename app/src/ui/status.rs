use leptos::prelude::*;

use super::{Badge, DotState, IconName, Tone};

/// The appearance of a status: its label, tone, icon, and dot in a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusStyle {
    /// The key of the status. For a stored status, its value in the database and the API.
    pub key: &'static str,
    /// The label on screen.
    pub label: &'static str,
    pub tone: Tone,
    pub icon: IconName,
    pub dot: DotState,
}

const fn style(
    key: &'static str,
    label: &'static str,
    tone: Tone,
    icon: IconName,
    dot: DotState,
) -> StatusStyle {
    StatusStyle { key, label, tone, icon, dot }
}

/// Every status (`docs/specification.md`, sections 4, 6, 7 and 9). No two kinds of status share a key.
#[rustfmt::skip]
const STYLES: &[StatusStyle] = &[
    // Provisioning requests.
    style("processing", "Processing", Tone::Accent, IconName::Loader, DotState::Running),
    style("completed", "Completed", Tone::Ok, IconName::Check, DotState::Done),
    style("failed", "Failed", Tone::Bad, IconName::Cross, DotState::Failed),
    style("rolling_back", "Rolling back", Tone::Warn, IconName::Undo, DotState::Running),
    style("rolled_back", "Rolled back", Tone::Neutral, IconName::Undo, DotState::Undone),
    // Tenants.
    style("provisioning", "Provisioning", Tone::Accent, IconName::Loader, DotState::Running),
    style("pending_activation", "Pending activation", Tone::Info, IconName::Clock, DotState::Waiting),
    style("setup_incomplete", "Setup incomplete", Tone::Warn, IconName::Alert, DotState::Waiting),
    style("active", "Active", Tone::Ok, IconName::Check, DotState::Done),
    style("suspended", "Suspended", Tone::Warn, IconName::Pause, DotState::Waiting),
    style("deleted", "Deleted", Tone::Neutral, IconName::Trash, DotState::Waiting),
    // API keys, invitations and employees.
    style("expiring", "Expiring", Tone::Warn, IconName::Refresh, DotState::Waiting),
    style("expired", "Expired", Tone::Neutral, IconName::Clock, DotState::Waiting),
    style("revoked", "Revoked", Tone::Neutral, IconName::Cross, DotState::Undone),
    style("invited", "Invited", Tone::Info, IconName::Mail, DotState::Waiting),
    style("disabled", "Disabled", Tone::Neutral, IconName::Pause, DotState::Undone),
    style("accepted", "Accepted", Tone::Ok, IconName::Check, DotState::Done),
    // Messages.
    style("held", "Held", Tone::Info, IconName::Pause, DotState::Waiting),
    style("sent", "Sent", Tone::Ok, IconName::Check, DotState::Done),
    style("unconfirmed", "Unconfirmed", Tone::Warn, IconName::Alert, DotState::Failed),
    style("cancelled", "Cancelled", Tone::Neutral, IconName::Cross, DotState::Undone),
    // Jobs and their steps.
    style("blocked", "Waiting for the tenant", Tone::Info, IconName::Clock, DotState::Waiting),
    style("pending", "Waiting", Tone::Neutral, IconName::Waiting, DotState::Waiting),
    style("running", "Running", Tone::Accent, IconName::Loader, DotState::Running),
    style("succeeded", "Succeeded", Tone::Ok, IconName::Check, DotState::Done),
    style("skipped", "Skipped", Tone::Neutral, IconName::Skip, DotState::Skipped),
    style("retrying", "Retrying", Tone::Warn, IconName::Refresh, DotState::Running),
    style("dead", "Action required", Tone::Bad, IconName::Alert, DotState::Failed),
    style("compensated", "Undone", Tone::Neutral, IconName::Undo, DotState::Undone),
    // Connectors and workers.
    style("closed", "Operational", Tone::Ok, IconName::Check, DotState::Done),
    style("open", "Circuit open", Tone::Bad, IconName::Alert, DotState::Failed),
    style("half_open", "Testing", Tone::Warn, IconName::Refresh, DotState::Running),
    style("not_configured", "Not configured", Tone::Neutral, IconName::Skip, DotState::Skipped),
    style("online", "Online", Tone::Ok, IconName::Check, DotState::Done),
    style("offline", "Offline", Tone::Warn, IconName::Alert, DotState::Failed),
];

/// The appearance of a status. Returns `None` for a status of a newer version.
pub fn status_style(status: &str) -> Option<&'static StatusStyle> {
    STYLES.iter().find(|style| style.key == status)
}

/// All appearances, for the style guide.
#[cfg(feature = "ssr")]
pub(crate) const fn status_styles() -> &'static [StatusStyle] {
    STYLES
}

/// The badge of a status of a request, tenant, step, connector or worker. A status of a newer version is
/// shown by its key, in a neutral tone.
#[component]
pub fn StatusBadge(#[prop(into)] status: Signal<String>) -> impl IntoView {
    move || {
        let status = status.get();
        match status_style(&status) {
            Some(style) => view! {
                <Badge tone=style.tone icon=style.icon>
                    {style.label}
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
    fn every_status_has_one_appearance() {
        for style in STYLES {
            let same = STYLES.iter().filter(|other| other.key == style.key).count();
            assert_eq!(same, 1, "{} is in the table more than once", style.key);
        }
    }

    #[test]
    fn a_dead_step_requires_an_action() {
        assert_eq!(
            status_style("dead").map(|style| (style.label, style.tone)),
            Some(("Action required", Tone::Bad))
        );
    }

    #[test]
    fn an_unknown_status_has_no_appearance() {
        assert_eq!(status_style("unknown"), None);
    }
}
