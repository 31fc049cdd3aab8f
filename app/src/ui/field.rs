use leptos::prelude::*;

use super::{Icon, IconName};

/// What a field's status line says (SPEC section 3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldStatus {
    /// Nothing to say; the line keeps its height.
    #[default]
    Empty,
    /// The server is being asked.
    Checking,
    Available,
    /// Somebody has it: who, and where to find them.
    Taken {
        text: String,
        link: Option<StatusLink>,
    },
    /// A rule is broken: which one, and how to keep it.
    Invalid(String),
    /// The check itself failed; the server will decide at submit.
    Unknown(String),
}

/// The thing that a status talks about, such as the tenant that has the slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLink {
    pub label: String,
    pub href: String,
}

impl FieldStatus {
    /// For the control's `aria-invalid`.
    pub const fn invalid(&self) -> Option<&'static str> {
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
            Self::Available => "available",
            Self::Taken { .. } => "taken",
            Self::Invalid(_) => "invalid",
            Self::Unknown(_) => "unknown",
        }
    }

    fn view(self) -> AnyView {
        let said = |icon, text: String| {
            view! {
                <Icon name=icon />
                <span>{text}</span>
            }
            .into_any()
        };
        match self {
            Self::Empty => ().into_any(),
            // Not announced: only answers are worth hearing.
            Self::Checking => view! {
                <Icon name=IconName::Loader spin=true />
                <span aria-hidden="true">"Checking…"</span>
            }
            .into_any(),
            Self::Available => said(IconName::Check, "Available".to_owned()),
            Self::Invalid(text) => said(IconName::CircleAlert, text),
            Self::Unknown(text) => said(IconName::Alert, text),
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

/// The `aria-describedby` of the control with this id inside a [`Field`].
pub fn described_by(id: &str) -> String {
    format!("{id}-help {id}-status")
}

/// A label, a control (the children), help under it, and one status line that never
/// moves the page. The control carries `id`, `aria-describedby` = [`described_by`] and
/// `aria-invalid` = [`FieldStatus::invalid`].
#[component]
pub fn Field(
    /// The control's id.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] help: String,
    /// Says "optional" beside the label. Everything else is required.
    #[prop(optional)]
    optional: bool,
    #[prop(optional, into)] status: Signal<FieldStatus>,
    /// `data-testid` of the status line.
    #[prop(optional)]
    status_testid: Option<&'static str>,
    /// What follows the status line: suggestions.
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

/// A control with a fixed text before it, such as the address before a slug.
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
    fn only_a_refused_value_marks_the_control_invalid() {
        let taken = FieldStatus::Taken { text: "Taken".to_owned(), link: None };
        assert_eq!(taken.invalid(), Some("true"));
        assert_eq!(FieldStatus::Invalid("Too short".to_owned()).invalid(), Some("true"));
        assert_eq!(FieldStatus::Unknown("No answer".to_owned()).invalid(), None);
        assert_eq!(FieldStatus::Checking.invalid(), None);
    }
}
