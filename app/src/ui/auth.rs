use leptos::prelude::*;

use super::Wordmark;

/// A card in the middle of a bare page: signing in, setting up.
#[component]
pub fn AuthLayout(
    #[prop(into)] title: String,
    /// One sentence under the title.
    #[prop(optional, into)]
    sentence: String,
    /// The small line under the card: the environment's name.
    #[prop(optional, into)]
    foot: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <main class="auth" id="main">
            <Wordmark />
            <div class="auth-card">
                <h1>{title}</h1>
                {(!sentence.is_empty()).then(|| view! { <p>{sentence}</p> })}
                {children.map(|children| children())}
            </div>
            {(!foot.is_empty()).then(|| view! { <p class="auth-foot">{foot}</p> })}
        </main>
    }
}
