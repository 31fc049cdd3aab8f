use leptos::prelude::*;

use super::{Icon, IconName};

/// What a submit will make, line by line. Holds [`PlanItem`]s.
#[component]
pub fn PlanList(children: Children) -> impl IntoView {
    view! { <ul class="plan">{children()}</ul> }
}

/// One thing that will be made.
#[component]
pub fn PlanItem(icon: IconName, children: Children) -> impl IntoView {
    view! {
        <li class="plan-item">
            <Icon name=icon />
            <span>{children()}</span>
        </li>
    }
}
