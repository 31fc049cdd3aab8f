use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{AuthLayout, ButtonLink};

/// An address where there is nothing.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_context::set_status(404);
    view! {
        <Title text="Not found" />
        <AuthLayout
            title="There is nothing here"
            sentence="The address may be mistyped, or what was here is gone."
        >
            <ButtonLink href="/provisioning">"Open the history"</ButtonLink>
        </AuthLayout>
    }
}
