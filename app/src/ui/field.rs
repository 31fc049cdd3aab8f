use leptos::prelude::*;

use super::{Icon, IconName};

/// The status of a field, shown under its control (`docs/specification.md`, section 3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldStatus {
    /// No status. The status line keeps its height.
    #[default]
    Empty,
    /// Waiting for the server.
    Checking,
    Available,
    /// The value was checked, with what was found.
    Checked(String),
    /// The value is in use, with a link to the tenant that uses it.
    Taken {
        text: String,
        link: Option<StatusLink>,
    },
    /// The value breaks a rule.
    Invalid(String),
    /// The check failed. The server checks again at submit.
    Unknown(String),
}

/// A link in a status, such as to the tenant that uses a slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLink {
    pub label: String,
    pub href: String,
}

impl FieldStatus {
    /// The value of the control's `aria-invalid`.
    pub const fn aria_invalid(&self) -> Option<&'static str> {
        match self {
            Self::Taken { .. } | Self::Invalid(_) => Some("true"),
            _ => None,
        }
    }

    /// The value of `data-state` on the status line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Checking => "checking",
            Self::Available | Self::Checked(_) => "available",
            Self::Taken { .. } => "taken",
            Self::Invalid(_) => "invalid",
            Self::Unknown(_) => "unknown",
        }
    }

    fn view(self) -> AnyView {
        let with_icon = |icon, text: String| {
            view! {
                <Icon name=icon />
                <span>{text}</span>
            }
            .into_any()
        };
        match self {
            Self::Empty => ().into_any(),
            // Screen readers announce only results.
            Self::Checking => view! {
                <Icon name=IconName::Loader spin=true />
                <span aria-hidden="true">"Checking…"</span>
            }
            .into_any(),
            Self::Available => with_icon(IconName::Check, "Available".to_owned()),
            Self::Checked(text) => with_icon(IconName::Check, text),
            Self::Invalid(text) => with_icon(IconName::CircleAlert, text),
            Self::Unknown(text) => with_icon(IconName::Alert, text),
            Self::Taken { text, link } => {
                let link = link.map(|link| {
                    view! {
                        " ("
                        <a href=link.href>{link.label}</a>
                        ")"
                    }
                });
                view! {
                    <Icon name=IconName::Cross />
                    <span>{text}{link}</span>
                }
                .into_any()
            }
        }
    }
}

/// The `aria-describedby` of the control with this ID inside a [`Field`].
pub fn described_by(id: &str) -> String {
    format!("{id}-help {id}-status")
}

/// A label, a control (the children), help, and a status line that reserves its height. The control needs
/// `id`, `aria-describedby` from [`described_by`], and `aria-invalid` from [`FieldStatus::aria_invalid`].
#[component]
pub fn Field(
    /// The control's ID.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] help: String,
    /// Marks the field as optional. All other fields are required.
    #[prop(optional)]
    optional: bool,
    #[prop(optional, into)] status: Signal<FieldStatus>,
    /// The `data-testid` of the status line.
    #[prop(optional_no_strip)]
    status_testid: Option<&'static str>,
    /// The content after the status line, such as suggestions.
    #[prop(optional, into)]
    extra: ViewFn,
    children: Children,
) -> impl IntoView {
    let (help_id, status_id) = (format!("{id}-help"), format!("{id}-status"));
    let no_help = help.is_empty();
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
                {optional.then(|| view! { <span class="muted">" (optional)"</span> }.into_any())}
            </label>
            {children()}
            <p class="field-help" id=help_id hidden=no_help>
                {help}
            </p>
            <div
                class="status"
                id=status_id
                data-state=move || status.with(FieldStatus::name)
                data-testid=status_testid
                aria-live="polite"
            >
                {move || status.get().view()}
            </div>
            <div class="field-extra">{move || extra.run()}</div>
        </div>
    }
}

/// A control with a fixed prefix, such as the host before a slug.
#[component]
pub fn InputGroup(#[prop(into)] prefix: String, children: Children) -> impl IntoView {
    view! {
        <div class="input-group">
            <span class="input-prefix" aria-hidden="true">
                {prefix}
            </span>
            {children()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_invalid_or_taken_value_marks_the_control_invalid() {
        let taken = FieldStatus::Taken { text: "Taken".to_owned(), link: None };
        assert_eq!(taken.aria_invalid(), Some("true"));
        assert_eq!(FieldStatus::Invalid("Too short".to_owned()).aria_invalid(), Some("true"));
        assert_eq!(FieldStatus::Unknown("No response".to_owned()).aria_invalid(), None);
        assert_eq!(FieldStatus::Checking.aria_invalid(), None);
    }
}
