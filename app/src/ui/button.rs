use leptos::prelude::*;

use super::{Icon, IconName};

/// The importance of a button. A page has at most one primary button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Ghost,
    /// A destructive action, which the label names.
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
    /// Submits the surrounding form.
    #[prop(optional)]
    submit: bool,
    #[prop(optional)] small: bool,
    /// Disables the button. Show the reason next to the button.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The action is running: disables the button and shows `pending_text`.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// The label while pending, such as "Provisioning…". By default the label does not change.
    #[prop(optional, into)]
    pending_text: String,
    #[prop(optional)] icon: Option<IconName>,
    children: ChildrenFn,
) -> impl IntoView {
    let content = move || {
        if pending.get() {
            let label =
                if pending_text.is_empty() { children().into_any() } else { pending_text.clone().into_any() };
            view! {
                <Icon name=IconName::Loader spin=true />
                {label}
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

/// A link that looks like a button, for navigation.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] id: Option<&'static str>,
    /// Keeps the scroll position during the navigation, for a link to another state of the same page.
    #[prop(optional)]
    keep_scroll: bool,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] small: bool,
    #[prop(optional)] icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    view! {
        <a
            id=id
            href=href
            class="btn"
            data-kind=kind.attr()
            data-size=small.then_some("small")
            data-noscroll=keep_scroll.then_some("")
        >
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </a>
    }
}
