use leptos::prelude::*;

use super::ButtonLink;

/// A column of a [`Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    label: &'static str,
    align_end: bool,
    is_label_hidden: bool,
}

impl Column {
    /// A column with text.
    pub const fn text(label: &'static str) -> Self {
        Self { label, align_end: false, is_label_hidden: false }
    }

    /// A column with numbers, aligned at the end.
    pub const fn number(label: &'static str) -> Self {
        Self { label, align_end: true, is_label_hidden: false }
    }

    /// The column with the buttons of each row. Only screen readers read its label.
    pub const fn actions() -> Self {
        Self { label: "Actions", align_end: true, is_label_hidden: true }
    }
}

/// A table of rows (the children). In a narrow container, each row becomes a card that shows the `data-label`
/// of each cell before its content.
#[component]
pub fn Table(
    /// The name of the table for screen readers, such as "Provisioning requests".
    label: &'static str,
    columns: &'static [Column],
    /// The table has few and narrow columns, so it becomes cards only on a phone.
    #[prop(optional)]
    small: bool,
    children: Children,
) -> impl IntoView {
    let head = |column: &Column| {
        view! {
            <th scope="col" class=column.align_end.then_some("end")>
                <span class=column.is_label_hidden.then_some("visually-hidden")>{column.label}</span>
            </th>
        }
        .into_any()
    };
    view! {
        <div class="table-region" role="region" aria-label=label data-small=small.then_some("")>
            <table class="table">
                <thead>
                    <tr>{columns.iter().map(head).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// The footer of a list with keyset pagination.
#[component]
pub fn Pager(
    /// The number of shown rows, such as "25 on this page".
    #[prop(into)]
    summary: String,
    /// The URL of the first page, unless it is shown.
    #[prop(optional_no_strip)]
    newest: Option<String>,
    /// The URL of the next page, if any.
    #[prop(optional_no_strip)]
    older: Option<String>,
    /// The labels of both links.
    #[prop(default = ["Newest", "Older"])]
    labels: [&'static str; 2],
) -> impl IntoView {
    let page = |(href, rel, word): (String, &'static str, &'static str)| {
        view! {
            <li>
                <ButtonLink href small=true attr:rel=rel>
                    {word}
                </ButtonLink>
            </li>
        }
        .into_any()
    };
    let newest = newest.map(|href| page((href, "first", labels[0])));
    let older = older.map(|href| page((href, "next", labels[1])));
    view! {
        <nav class="pager" aria-label="Pages">
            <p>{summary}</p>
            <ul>{newest}{older}</ul>
        </nav>
    }
}
