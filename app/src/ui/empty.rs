use leptos::prelude::*;

use super::{Icon, IconName, Tone};

/// The content of an empty list: why it is empty, and buttons (the children) for what to do. With
/// [`Tone::Bad`] it is the error state: what failed, and a button to try again.
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
