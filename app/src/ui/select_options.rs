use leptos::prelude::*;

/// The `<option>`s of a `<select>`, from pairs of value and label.
pub fn select_options(choices: Vec<(String, String)>, selected: &str) -> impl IntoView + use<> {
    let option = |(value, label): (String, String)| {
        let is_selected = value == selected;
        view! {
            <option value=value selected=is_selected>
                {label}
            </option>
        }
        .into_any()
    };
    choices.into_iter().map(option).collect_view()
}
