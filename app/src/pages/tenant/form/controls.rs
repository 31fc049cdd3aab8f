use domain::{
    FieldProblem,
    branding::{Color, ColorProblem},
    defaults::ThemePreset,
};
use leptos::prelude::*;

use crate::{
    pages::tenant::edit_state::EditState,
    server_fns::{FieldInput, FormField},
    ui::{Field, FieldStatus, Swatch, described_by, select_options},
};

/// The ID of the control of a field. The sections of the page have IDs such as `settings`.
pub(in crate::pages) fn control_id(name: &str) -> String {
    format!("edit-{}", name.replace('.', "-"))
}

/// A field of a form.
#[component]
pub(in crate::pages) fn FieldControl(field: FormField, edit: EditState) -> impl IntoView {
    let FormField { name, label, help, input, choices, .. } = field;
    let id = control_id(&name);
    let name = StoredValue::new(name);
    // A memo, because an edit of another field must not reset a value that was set without an event.
    let text: Signal<String> = Memo::new(move |_| value(edit, &name.get_value())).into();
    let status = Signal::derive(move || {
        let problem = name.with_value(|name| {
            let refused = edit.problems.with(|problems| problems.iter().find(|p| p.field == *name).cloned());
            match input {
                FieldInput::Color => refused.or_else(|| contrast_problem(edit, name)),
                _ => refused,
            }
        });
        problem.map(|problem| FieldStatus::Invalid(problem.message)).unwrap_or_default()
    });
    let invalid = move || status.with(FieldStatus::aria_invalid);
    let change = move |event| set_value(edit, &name.get_value(), event_target_value(&event));
    let described_by = described_by(&id);
    let control = match input {
        FieldInput::Choice => view! {
            <select
                class="input"
                id=id.clone()
                name=name.get_value()
                prop:value=text
                on:change=change
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {select_options(choices, &text.get_untracked())}
            </select>
        }
        .into_any(),
        _ => {
            let is_verbatim = input != FieldInput::Name;
            let control = view! {
                <input
                    class="input"
                    id=id.clone()
                    name=name.get_value()
                    type="text"
                    autocomplete="off"
                    inputmode=input.mode()
                    autocapitalize=is_verbatim.then_some("none")
                    spellcheck=is_verbatim.then_some("false")
                    value=text.get_untracked()
                    prop:value=text
                    on:input=change
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
            }
            .into_any();
            match input {
                FieldInput::Color => {
                    let color = Signal::derive(move || name.with_value(|name| shown_color(edit, name)));
                    view! {
                        <div class="input-group">
                            <span class="input-prefix">
                                <Swatch color />
                            </span>
                            {control}
                        </div>
                    }
                    .into_any()
                }
                _ => control,
            }
        }
    };
    view! {
        <Field id label help status>
            {control}
        </Field>
    }
}

/// The text of a field in the draft.
pub(in crate::pages) fn value(edit: EditState, name: &str) -> String {
    edit.draft.with(|draft| {
        let text = draft.as_ref().and_then(|draft| draft.values.get(name));
        text.unwrap_or_default().to_owned()
    })
}

/// Changes the draft, and removes the problem of the field.
pub(in crate::pages) fn set_value(edit: EditState, name: &str, text: String) {
    edit.draft.update(|draft| {
        if let Some(draft) = draft {
            draft.values.set(name, text);
        }
    });
    edit.problems.update(|problems| problems.retain(|problem| problem.field != name));
    edit.failure.set(None);
}

/// The problem of a colour with too little contrast, which is shown while it is typed. The accent colour has no
/// text.
pub(in crate::pages) fn contrast_problem(edit: EditState, name: &str) -> Option<FieldProblem> {
    let problem = Color::parse_background(&value(edit, name)).err()?;
    (problem == ColorProblem::LowContrast && name != "colorAccent").then(|| problem.in_field(name))
}

/// The colour that a field of the branding stands for: the typed one, or that of the selected theme.
pub(in crate::pages) fn shown_color(edit: EditState, name: &str) -> String {
    let text = value(edit, name);
    if !text.trim().is_empty() {
        return Color::parse(&text).map(String::from).unwrap_or_else(|_| "none".into());
    }
    let theme = ThemePreset::parse(&value(edit, "theme")).unwrap_or_default();
    let color = match name {
        "colorPrimary" => theme.primary(),
        "colorSecondary" => theme.secondary(),
        _ => theme.accent(),
    };
    color.into()
}
