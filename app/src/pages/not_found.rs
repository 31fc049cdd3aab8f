use domain::paths;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{AuthLayout, ButtonLink};

/// The page for paths that do not exist.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::response::set_status(404);
    view! {
        <Title text="Page not found" />
        <AuthLayout
            title="Page not found"
            sentence="Check the address, or open the history."
        >
            <ButtonLink href=paths::HISTORY>"Open the history"</ButtonLink>
        </AuthLayout>
    }
}
