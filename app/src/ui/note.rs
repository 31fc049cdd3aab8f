use leptos::prelude::*;

use super::{Icon, IconName, Tone};

/// A boxed message: what happened, why, and what to do.
#[component]
pub fn Note(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: String,
    children: Children,
) -> impl IntoView {
    let icon = match tone {
        Tone::Ok => IconName::Check,
        Tone::Warn => IconName::Alert,
        Tone::Bad => IconName::CircleAlert,
        Tone::Neutral | Tone::Accent | Tone::Info => IconName::Info,
    };
    view! {
        <div class="note" data-tone=tone.attr()>
            <Icon name=icon />
            <div>
                {(!title.is_empty()).then(|| view! { <p class="note-title">{title}</p> }.into_any())}
                {children()}
            </div>
        </div>
    }
}
