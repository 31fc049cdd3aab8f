use domain::paths;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{AuthLayout, ButtonLink};

/// What both pages show while nobody can sign up.
#[component]
pub(super) fn Closed() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::response::set_status(404);
    view! {
        <Title text="Sign-up is not open" />
        <AuthLayout
            title="Sign-up is not open"
            sentence="New organisations are created by the people who run this platform. Ask them for an invitation, or sign in if you have an account."
        >
            <ButtonLink href=paths::LOGIN attr:rel="external">
                "Sign in"
            </ButtonLink>
        </AuthLayout>
    }
}
