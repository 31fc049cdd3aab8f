use leptos::prelude::*;

use crate::{
    server_fns::{ChangedValue, EditKind, FieldChange},
    ui::{Disclosure, Swatch},
};

/// How many values are shown at once.
const MAX_SHOWN: usize = 6;

/// The values before and after a change, as a table of three columns.
#[component]
pub(super) fn Changes(changes: Vec<FieldChange>) -> impl IntoView {
    let rows: Vec<_> = changes.into_iter().map(row).collect();
    match rows.len() {
        0 => ().into_any(),
        1..=MAX_SHOWN => view! { <dl class="audit-diff">{rows}</dl> }.into_any(),
        count => view! {
            <Disclosure summary=format!("{count} values")>
                <dl class="audit-diff">{rows}</dl>
            </Disclosure>
        }
        .into_any(),
    }
}

fn row(change: FieldChange) -> AnyView {
    let value = match change.value {
        ChangedValue::Single(text) => view! { <dd class="whole">{value(text)}</dd> }.into_any(),
        ChangedValue::Replaced(before, after) => view! {
            <dd class="before">{value(before)}</dd>
            <dd class="after">{value(after)}</dd>
        }
        .into_any(),
        ChangedValue::Edited(parts) => {
            let parts: Vec<_> = parts.into_iter().map(part).collect();
            view! { <dd class="whole"><span>{parts}</span></dd> }.into_any()
        }
    };
    view! {
        <div>
            <dt>{change.label}</dt>
            {value}
        </div>
    }
    .into_any()
}

fn value(text: String) -> AnyView {
    let is_color = text.len() == 7 && text.starts_with('#');
    let swatch = is_color.then(|| view! { <Swatch color=text.clone() /> }.into_any());
    let text = if text.is_empty() { "none".to_owned() } else { text };
    view! {
        {swatch}
        <bdi>{text}</bdi>
    }
    .into_any()
}

fn part((kind, text): (EditKind, String)) -> AnyView {
    match kind {
        EditKind::Same => text.into_any(),
        EditKind::Removed => view! { <del>{text}</del> }.into_any(),
        EditKind::Added => view! { <ins>{text}</ins> }.into_any(),
    }
}
