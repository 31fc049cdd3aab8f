use domain::defaults::ThemePreset;
use leptos::prelude::*;

use super::shown::{COLOR_FIELDS, field_text};
use crate::{
    pages::tenant::{edit_state::EditState, form::set_value},
    ui::{Button, ButtonKind, Icon, IconName, Section},
};

/// The presets. A preset replaces all colours, which can then be adjusted.
#[component]
pub(super) fn Themes(edit: EditState) -> impl IntoView {
    let theme = field_text(edit, "theme");
    let use_preset = move |name: &str| {
        set_value(edit, "theme", name.to_owned());
        COLOR_FIELDS.into_iter().for_each(|field| set_value(edit, field, String::new()));
    };
    let preset = |preset: ThemePreset| {
        let name = preset.as_str();
        let colors = [preset.primary(), preset.secondary(), preset.accent()];
        // The first colour takes half of the width.
        let stripes = ["0", "50%", "75%"]
            .into_iter()
            .zip(colors)
            .map(|(x, color)| view! { <rect x=x width="50%" height="100%" fill=color /> }.into_any());
        view! {
            <label class="preset">
                <input
                    type="radio"
                    name="theme"
                    value=name
                    checked=theme.get_untracked() == name
                    prop:checked=move || theme.get() == name
                    on:change=move |_| use_preset(name)
                    data-testid=format!("theme-{name}")
                />
                <svg class="preset-colors" aria-hidden="true" focusable="false">
                    {stripes.collect::<Vec<_>>()}
                </svg>
                <span>
                    {preset.label()}
                    <Icon name=IconName::Check />
                </span>
            </label>
        }
        .into_any()
    };
    let custom = COLOR_FIELDS.map(|field| field_text(edit, field));
    let has_own = Memo::new(move |_| custom.iter().any(|text| !text.with(String::is_empty)));
    let label = move || ThemePreset::parse(&theme.get()).unwrap_or_default().label();
    let adjusted = move || {
        has_own.get().then(|| {
            view! {
                <p class="cluster small">
                    <span>"You have adjusted the colours of " {label} "."</span>
                    <Button
                        kind=ButtonKind::Ghost
                        small=true
                        on:click=move |_| use_preset(&theme.get_untracked())
                        attr:data-scripted=""
                    >
                        "Use the preset's colours"
                    </Button>
                </p>
            }
            .into_any()
        })
    };
    let presets = ThemePreset::ALL.map(preset).into_iter().collect::<Vec<_>>();
    view! {
        <Section title="Theme" sentence="Start from a preset, then adjust its colours.">
            <fieldset class="presets">
                <legend class="visually-hidden">"Theme"</legend>
                {presets}
            </fieldset>
            {adjusted}
        </Section>
    }
}
