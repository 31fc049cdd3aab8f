use leptos::prelude::*;

/// Placeholder rows while a list loads.
#[component]
pub fn Skeleton(
    /// The text for screen readers, such as "Loading requests".
    #[prop(into)]
    label: String,
    #[prop(default = 6)] rows: usize,
    #[prop(default = 4)] columns: usize,
) -> impl IntoView {
    let cells =
        move || (0..columns).map(|_| view! { <span class="skeleton"></span> }.into_any()).collect_view();
    view! {
        <div role="status" aria-busy="true">
            <span class="visually-hidden">{label}</span>
            {(0..rows).map(|_| view! { <div class="skeleton-row">{cells()}</div> }.into_any()).collect_view()}
        </div>
    }
}
