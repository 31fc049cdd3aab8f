use leptos::prelude::*;

/// Text with the Markdown that descriptions use: paragraphs, lists, and code in backticks.
#[component]
pub(super) fn Prose(text: &'static str) -> impl IntoView {
    text.split("\n\n").filter(|block| !block.trim().is_empty()).map(block).collect_view()
}

fn block(text: &'static str) -> AnyView {
    match text.strip_prefix("- ") {
        Some(items) => {
            let items = items.split("\n- ").map(|item| view! { <li>{inline(item)}</li> }).collect_view();
            view! { <ul>{items}</ul> }.into_any()
        }
        None => view! { <p>{inline(text)}</p> }.into_any(),
    }
}

/// Every second part between backticks is code.
pub(super) fn inline(text: &'static str) -> impl IntoView {
    let parts = text.split('`').enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        })
        .collect_view()
}
