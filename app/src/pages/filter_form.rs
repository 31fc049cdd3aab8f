use leptos::prelude::*;

use crate::ui::Button;

/// The form that searches and filters a list. It leads to the same URLs as the links that select a status, so
/// that both work without JavaScript.
#[component]
pub(super) fn FilterForm(
    /// The path of the list.
    path: &'static str,
    /// What the list contains, such as "the tenants".
    rows: &'static str,
    /// What the search finds.
    placeholder: &'static str,
    /// The start of the test IDs.
    id: &'static str,
    /// The search.
    q: String,
    /// The selected status, which the form keeps.
    status: String,
    /// The other filters.
    children: Children,
) -> impl IntoView {
    let has_no_status = status.is_empty();
    view! {
        <form class="filters" method="get" action=path role="search" aria-label=format!("Filter {rows}")>
            <input type="hidden" name="status" value=status disabled=has_no_status />
            <input
                class="input"
                type="search"
                name="q"
                value=q
                aria-label=format!("Search {rows}")
                placeholder=placeholder
                data-testid=format!("{id}-search")
            />
            {children()}
            <Button submit=true attr:data-testid=format!("{id}-apply")>
                "Search"
            </Button>
        </form>
    }
}

/// The number of rows of a page. `noun` is the name of one row.
pub(super) fn page_summary(count: usize, noun: &str, has_other_pages: bool) -> String {
    match (count, has_other_pages) {
        (0, _) => String::new(),
        (1, false) => format!("1 {noun}"),
        (count, false) => format!("{count} {noun}s"),
        (count, true) => format!("{count} on this page"),
    }
}
