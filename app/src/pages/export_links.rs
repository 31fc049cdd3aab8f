use leptos::prelude::*;

use crate::page_context::PageContext;

/// Links that download the rows of a list, for admins only, because exports contain the addresses of all
/// owners. `href` returns the URL of the file in a format.
#[component]
pub(super) fn ExportLinks(
    /// The text before the links, such as "Download the matching requests: ".
    label: &'static str,
    href: impl Fn(&str) -> String,
) -> impl IntoView {
    let may_export = expect_context::<PageContext>().may_provision;
    let links = [("csv", "CSV"), ("json", "JSON")].map(|(format, text)| {
        view! {
            <a href=href(format) rel="external" download>
                {text}
            </a>
            " "
        }
        .into_any()
    });
    may_export.then(|| view! { <p class="muted small">{label} {links.into_iter().collect_view()}</p> })
}
