//! The reason of a refusal that does not belong to a field.

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    Failure,
    part::{Loaded, Part},
    ui::{Note, Tone},
};

/// The part that contains the code of this module.
pub(in crate::pages) static REFUSAL: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// The refusal of an action on a tenant that has changed meanwhile, at the top of the page.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(in crate::pages) fn refusal_note(failure: Failure) -> Loaded<AnyView> {
    let detail = Some(failure.detail()).filter(|detail| detail != failure.title()).unwrap_or_default();
    let explanation = format!("{detail} The page now shows the current state.");
    Ok(view! { <RefusalNote failure id="tenant-refusal" explanation /> }.into_any())
}

/// A refusal, announced when it appears.
#[component]
pub(in crate::pages) fn RefusalNote(
    failure: Failure,
    /// The ID and the `data-testid`. A script moves the focus to this element.
    id: &'static str,
    explanation: String,
) -> impl IntoView {
    view! {
        <div id=id tabindex="-1" role="alert" data-testid=id>
            <Note tone=Tone::Bad title=failure.title()>
                <p>{explanation} " " <code>{failure.code_text()}</code></p>
            </Note>
        </div>
    }
}
