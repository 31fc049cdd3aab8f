use leptos::prelude::*;

use super::{Icon, IconName};

/// One line of an [`ErrorSummary`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryItem {
    /// The ID of the invalid control that the item links to. Empty for an item without a link.
    pub field_id: String,
    pub text: String,
}

/// The list of problems above a form (the GOV.UK error summary). Rendered only if there are problems. Screen
/// readers announce the summary when it appears.
#[component]
pub fn ErrorSummary(
    #[prop(into, default = "There is a problem".into())] title: Signal<String>,
    #[prop(into)] errors: Signal<Vec<SummaryItem>>,
    /// The content before the list, such as the outcome of the submit.
    #[prop(optional, into)]
    lead: ViewFn,
    /// The content after the list.
    #[prop(optional, into)]
    footer: ViewFn,
) -> impl IntoView {
    // `rel=external` makes the router ignore the click, so that the browser focuses the control.
    let list_item = |item: SummaryItem| {
        let content = if item.field_id.is_empty() {
            item.text.into_any()
        } else {
            view! {
                <a href=format!("#{}", item.field_id) rel="external">
                    {item.text}
                </a>
            }
            .into_any()
        };
        view! { <li>{content}</li> }.into_any()
    };
    move || {
        let errors = errors.get();
        (!errors.is_empty()).then(|| {
            view! {
                <div class="error-summary" role="alert" tabindex="-1">
                    <h2>
                        <Icon name=IconName::CircleAlert />
                        {title}
                    </h2>
                    {lead.run()}
                    <ul>{errors.into_iter().map(list_item).collect_view()}</ul>
                    {footer.run()}
                </div>
            }
            .into_any()
        })
    }
}
