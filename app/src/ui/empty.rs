use leptos::prelude::*;

use super::{Icon, IconName, Tone};

/// The placeholder for an empty list: the reason, and buttons (the children) for the next step. With
/// [`Tone::Bad`], the placeholder for a list that could not be loaded: the error, and a button to try again.
#[component]
pub fn EmptyState(
    icon: IconName,
    #[prop(into)] title: String,
    #[prop(into)] sentence: String,
    #[prop(optional)] tone: Tone,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" data-tone=tone.attr()>
            <Icon name=icon large=true />
            <h2>{title}</h2>
            <p>{sentence}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> }.into_any())}
        </div>
    }
}
