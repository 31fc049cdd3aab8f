use leptos::prelude::*;

/// The mark of a tenant: a letter on its primary colour.
#[component]
pub(super) fn TenantMark(
    #[prop(into)] color: Signal<String>,
    #[prop(into)] mark: Signal<String>,
    /// 40 px instead of 24.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        // The content security policy forbids inline styles.
        <svg
            class="tenant-mark"
            data-size=large.then_some("large")
            viewBox="0 0 24 24"
            aria-hidden="true"
            focusable="false"
        >
            <rect width="24" height="24" rx="6" fill=move || color.get() />
            <text x="12" y="12" text-anchor="middle" dominant-baseline="central" fill="#ffffff">
                {move || mark.get()}
            </text>
        </svg>
    }
}
