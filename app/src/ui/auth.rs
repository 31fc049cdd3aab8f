use leptos::prelude::*;

use super::Wordmark;

/// The layout of pages without navigation: a card in the centre.
#[component]
pub fn AuthLayout(
    #[prop(into)] title: String,
    /// One sentence under the title.
    #[prop(optional, into)]
    sentence: String,
    /// The line under the card, such as the environment's name.
    #[prop(optional, into)]
    footer: String,
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
            {(!footer.is_empty()).then(|| view! { <p class="auth-foot">{footer}</p> })}
        </main>
    }
}
