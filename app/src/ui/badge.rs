use leptos::prelude::*;

use super::{Icon, IconName, Tone};

/// A word with an icon and a tone. For a status use [`super::StatusBadge`], which has a label for each
/// status.
#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    /// An icon before the word, so that colour is never the only indicator.
    #[prop(optional)]
    icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=tone.attr()>
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </span>
    }
}
