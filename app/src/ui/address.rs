use leptos::prelude::*;

/// An e-mail address. A narrow line breaks before the `@`, and inside a part only if the part is too long.
#[component]
pub fn Address(#[prop(into)] text: String) -> impl IntoView {
    let (account, domain) = text.split_at(text.rfind('@').unwrap_or_default());
    view! {
        <code class="address">
            <span>{account.to_owned()}</span>
            <span>{domain.to_owned()}</span>
        </code>
    }
}
