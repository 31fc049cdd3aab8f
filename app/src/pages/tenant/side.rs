use domain::registry::TenantRecord;
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{action_state::ActionState, domains::Domains, facts::TenantFacts, resources::Resources};
use crate::part::{Loaded, Part};

/// The part that contains the code of this module.
pub(super) static SIDE: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The second column of the page.
#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn side(record: TenantRecord, state: ActionState) -> Loaded<AnyView> {
    let view = view! {
        <Domains domains=record.domains.clone() />
        <Resources resources=record.resources.clone() />
        <TenantFacts record state />
    };
    Ok(view.into_any())
}
