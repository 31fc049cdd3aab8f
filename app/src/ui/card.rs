use leptos::prelude::*;

/// A surface that holds [`Section`]s.
#[component]
pub fn Card(children: Children) -> impl IntoView {
    view! { <div class="card">{children()}</div> }
}

/// A part of a card, with a heading and a sentence.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    /// One sentence under the heading.
    #[prop(optional, into)]
    sentence: String,
    /// The content at the right of the heading, such as a badge or a button.
    #[prop(optional, into)]
    aside: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <header class="section-head">
                <div>
                    <h2>{title}</h2>
                    {(!sentence.is_empty()).then(|| view! { <p>{sentence}</p> }.into_any())}
                </div>
                {aside.run()}
            </header>
            {children()}
        </section>
    }
}
