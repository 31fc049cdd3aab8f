use leptos::prelude::*;

/// A table whose first column names the rows. In a narrow container, each row becomes a card.
#[component]
pub(super) fn DocsTable(columns: &'static [&'static str], children: Children) -> impl IntoView {
    let head = columns.iter().map(|label| view! { <th scope="col">{*label}</th> }).collect_view();
    view! {
        <div class="table-region">
            <table class="table">
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// A cell with a label, which only a narrow container shows.
#[component]
pub(super) fn LabelledCell(label: &'static str, children: Children) -> impl IntoView {
    view! {
        <td data-label=label>
            <div>{children()}</div>
        </td>
    }
}

/// The name of a field or parameter, as the first cell of its row.
#[component]
pub(super) fn NameCell(name: &'static str, is_required: bool) -> impl IntoView {
    view! {
        <th scope="row">
            <code>{name}</code>
            {(!is_required).then(|| view! { <span class="sub">"optional"</span> })}
        </th>
    }
}
