use domain::paths;
use leptos::prelude::*;

use crate::page_context::PageContext;

/// The link that downloads everything that the registry holds of the tenant, for admins only.
#[component]
pub(super) fn ExportLink(code: String) -> impl IntoView {
    let may_export = expect_context::<PageContext>().may_provision;
    may_export.then(|| {
        view! {
            <a href=paths::tenant_export(&code) class="btn" rel="external" download data-testid="tenant-export">
                "Export data"
            </a>
        }
    })
}
