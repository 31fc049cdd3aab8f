use leptos::prelude::*;

use super::{Icon, IconName};

/// How much a button asks to be pressed. One primary a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Ghost,
    /// Destroys something; its words say what.
    Danger,
}

impl ButtonKind {
    const fn attr(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Ghost => "ghost",
            Self::Danger => "danger",
        }
    }
}

/// A button. Handlers and attributes pass through: `on:click`, `attr:name`, `attr:formaction`.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    /// Sends the form it stands in. Otherwise it only does what its handler does.
    #[prop(optional)]
    submit: bool,
    #[prop(optional)] small: bool,
    /// Cannot be pressed, with a reason said nearby.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// At work: cannot be pressed again, and says so with `pending_text`.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// What it says while pending ("Provisioning…"); its usual words when empty.
    #[prop(optional, into)]
    pending_text: String,
    #[prop(optional)] icon: Option<IconName>,
    children: ChildrenFn,
) -> impl IntoView {
    let content = move || {
        if pending.get() {
            let words =
                if pending_text.is_empty() { children().into_any() } else { pending_text.clone().into_any() };
            view! {
                <Icon name=IconName::Loader spin=true />
                {words}
            }
            .into_any()
        } else {
            view! {
                {icon.map(|name| view! { <Icon name /> })}
                {children()}
            }
            .into_any()
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="btn"
            data-kind=kind.attr()
            data-size=small.then_some("small")
            disabled=move || disabled.get() || pending.get()
            aria-busy=move || pending.get().then_some("true")
        >
            {content}
        </button>
    }
}

/// A link that looks like a button: for going somewhere, not for doing something.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] small: bool,
    #[prop(optional)] icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class="btn" data-kind=kind.attr() data-size=small.then_some("small")>
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </a>
    }
}
