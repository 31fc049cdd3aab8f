use leptos::prelude::*;

/// A surface that holds [`Section`]s.
#[component]
pub fn Card(children: Children) -> impl IntoView {
    view! { <div class="card">{children()}</div> }
}

/// A part of a card: a heading, a sentence, and what belongs to it.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    /// One sentence under the heading.
    #[prop(optional, into)]
    sentence: String,
    /// What stands at the heading's right: a badge, a remaining time, an action.
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
