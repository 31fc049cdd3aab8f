use leptos::prelude::*;

use super::{Icon, IconName};

/// The list of objects that a submit creates. Contains [`PlanItem`]s.
#[component]
pub fn PlanList(children: Children) -> impl IntoView {
    view! { <ul class="plan">{children()}</ul> }
}

/// One object that a submit creates.
#[component]
pub fn PlanItem(icon: IconName, children: Children) -> impl IntoView {
    view! {
        <li class="plan-item">
            <Icon name=icon />
            <span>{children()}</span>
        </li>
    }
}
