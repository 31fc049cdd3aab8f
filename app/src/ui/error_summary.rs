use leptos::{html::Div, prelude::*};

use super::{Icon, IconName};

/// One line of an [`ErrorSummary`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryItem {
    /// The id of the control at fault; the line links to it. Empty: no link.
    pub field_id: String,
    pub text: String,
}

/// Every fault of a refused form in one place, above it (the GOV.UK pattern). It exists
/// only while there are faults. After a submit the page moves the focus here:
/// `if let Some(el) = node_ref.get() { let _ = el.focus(); }`.
#[component]
pub fn ErrorSummary(
    #[prop(default = "There is a problem")] title: &'static str,
    #[prop(into)] errors: Signal<Vec<SummaryItem>>,
    #[prop(optional)] node_ref: NodeRef<Div>,
) -> impl IntoView {
    // `rel=external` leaves the click to the browser, which then focuses the control.
    let line = |item: SummaryItem| {
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
                <div class="error-summary" role="alert" tabindex="-1" node_ref=node_ref>
                    <h2>
                        <Icon name=IconName::CircleAlert />
                        {title}
                    </h2>
                    <ul>{errors.into_iter().map(line).collect_view()}</ul>
                </div>
            }
            .into_any()
        })
    }
}
