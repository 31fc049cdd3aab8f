use leptos::prelude::*;

use crate::ui::{Field, select_options};

/// The choices of when the current key stops working: the hours and the text.
const OVERLAPS: [(&str, &str); 4] =
    [("0", "Immediately"), ("1", "In 1 hour"), ("24", "In 24 hours"), ("168", "In 7 days")];

/// The control that chooses for how many hours a replaced key keeps working.
#[component]
pub(super) fn OverlapField(hours: RwSignal<u32>) -> impl IntoView {
    const ID: &str = "overlap-hours";
    let choices = OVERLAPS.map(|(value, label)| (value.to_owned(), label.to_owned()));
    view! {
        <Field id=ID label="The current key stops working">
            <select
                class="input"
                id=ID
                on:change=move |event| hours.set(event_target_value(&event).parse().unwrap_or_default())
            >
                {select_options(choices.into(), "0")}
            </select>
        </Field>
    }
}
